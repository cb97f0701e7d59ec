// Comfort, not content: every page reads the same without this script.
// A classic script, not a module: browsers refuse modules on pages opened from disk.
"use strict";

const root = document.documentElement;

/** The reader's choice: "light", "dark", or null to follow the system. Browsers may refuse storage. */
const choice = {
  get() { try { return localStorage.getItem("theme"); } catch { return null; } },
  /** @param {string | null} theme */
  set(theme) { try { theme ? localStorage.setItem("theme", theme) : localStorage.removeItem("theme"); } catch { /* private mode */ } },
};

/** @param {string | null} theme */
function applyTheme(theme) {
  const button = /** @type {HTMLButtonElement | null} */ (document.querySelector(".theme-switch"));
  if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
  if (!button) return;
  button.hidden = false;
  button.dataset.now = theme ?? "system";
  button.title = `Colours: ${theme ?? "as the system"}`;
  button.setAttribute("aria-label", `${button.title}. Change.`);
}

/** Light, dark, system, in this order; the first press always changes what is seen. */
function nextTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const order = dark ? [null, "light", "dark"] : [null, "dark", "light"];
  const next = order[(order.indexOf(choice.get()) + 1) % order.length];
  choice.set(next);
  applyTheme(next);
}

/** Mark the heading being read in the contents of the page. */
function followReading() {
  const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll(".on-this-page a[href^='#']:not([href='#'])")]);
  const byId = new Map(links.map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const seen = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) isIntersecting ? seen.add(target.id) : seen.delete(target.id);
    const current = [...byId.keys()].filter((id) => seen.has(id)).pop();
    if (!current) return;
    for (const [id, link] of byId) id === current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
  }, { rootMargin: "-15% 0px -70% 0px" });
  for (const id of byId.keys()) { const section = document.getElementById(id); if (section) observer.observe(section); }
}

/** A link into a folded answer opens it. */
function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement?.closest("details") ?? null) fold.open = true;
  if (target.closest("details")) target.scrollIntoView();
}

/** Search excerpts without doubled mathematics; none at all from disk, where browsers forbid reading other pages. */
function tuneSearch() {
  if (typeof Search === "undefined") return;
  if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  const plain = Search.htmlToText;
  Search.htmlToText = (/** @type {string} */ html, /** @type {string} */ anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const extra of page.querySelectorAll(".katex-html, annotation, .page-links, .page-facts, .prev-next, .term-definition")) extra.remove();
    return plain(page.documentElement.outerHTML, anchor);
  };
}

/** Wide code, tables and formulas scroll sideways: the keyboard must reach them. */
function reachScrollers() {
  for (const box of document.querySelectorAll("article pre, .katex-display, .table-scroll")) {
    if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0"); else box.removeAttribute("tabindex");
  }
}

/** The way through the course that the reader took last (`?path=` in its links): its links come first, the others go. */
function followPath() {
  const key = "path", taken = new URLSearchParams(location.search).get(key);
  let path = taken;
  try { if (taken) localStorage.setItem(key, taken); else path = localStorage.getItem(key); } catch { /* private mode */ }
  const ways = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".path-nav")]);
  if (ways.length < 2 || !ways.some((way) => way.dataset.path === path)) return;
  if (location.pathname.endsWith("/book/interview/index.html")) return; // where one chooses
  for (const way of ways) way.hidden = way.dataset.path !== path;
}

/** Escape hides the meaning of a word until the reader leaves it. */
function dismissMeanings() {
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape") for (const word of document.querySelectorAll(".term:is(:hover, :focus-within)")) word.classList.add("dismissed");
  });
  for (const leaving of ["pointerout", "focusout"]) {
    addEventListener(leaving, ({ target }) => target instanceof Element && target.closest(".term")?.classList.remove("dismissed"));
  }
}

applyTheme(choice.get());
followPath();
dismissMeanings();
document.querySelector(".theme-switch")?.addEventListener("click", nextTheme);
followReading();
openTarget();
addEventListener("hashchange", openTarget);
tuneSearch();
reachScrollers();
addEventListener("resize", reachScrollers);
document.addEventListener("toggle", reachScrollers, true); // a fold that opens
document.fonts.ready.then(reachScrollers);
