// The form that makes a kit on the page. The bank comes on press: first an index to choose from, then the chosen
// questions alone. Both are scripts that call `dropoutKit.receive`, since `fetch` is refused on pages opened from disk.
"use strict";

(() => {
  const kit = globalThis.dropoutKit;
  const form = /** @type {HTMLFormElement} */ (document.querySelector(".kit-form"));
  const said = /** @type {HTMLElement} */ (document.querySelector(".kit-said"));
  const place = /** @type {HTMLElement} */ (document.querySelector(".kit-place"));
  const share = /** @type {HTMLElement} */ (document.querySelector(".kit-share"));
  const { bank = "", version = "", hash = "", site = "" } = form.dataset;
  const parts = new Map();

  kit.receive = (/** @type {string} */ name, /** @type {unknown} */ value) => { parts.set(name, value); };

  /** One part of the bank, loaded once. @returns {Promise<any>} */
  function part(/** @type {string} */ name) {
    if (parts.has(name)) return Promise.resolve(parts.get(name));
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${bank}${name}.js?${version}`;
      script.onload = () => (parts.has(name) ? resolve(parts.get(name)) : script.onerror?.(new Event("error")));
      script.onerror = () => { script.remove(); reject(new Error(`${name} could not be loaded; are you offline? The ready-made kits below need nothing more than their page.`)); };
      document.head.append(script);
    });
  }

  const ids = (/** @type {string} */ text) => text.toUpperCase().match(/[^\s,;"[\]]+/g) ?? [];

  /** A wish out of texts by name. */
  function read(/** @type {(name: string) => string} */ get) {
    const number = (/** @type {string} */ name) => (get(name).trim() === "" ? NaN : Number(get(name)));
    return { level: get("level"), minutes: number("minutes"), audience: get("audience"), seed: number("seed"), exclude: ids(get("exclude")) };
  }
  const fromForm = () => { const given = new FormData(form); return read((name) => String(given.get(name) ?? "")); };

  /** A wish as the end of an address. */
  function toHash(/** @type {any} */ { level, minutes, audience, seed, exclude }) {
    const given = new URLSearchParams({ level, minutes, audience, seed });
    if (exclude.length) given.set("exclude", exclude.join(" "));
    return `#${given}`;
  }

  /** The wish that the address holds, put into the form too; null if it holds none. */
  function fromHash() {
    const given = new URLSearchParams(location.hash.slice(1));
    if (!given.has("level")) return null;
    for (const name of ["level", "minutes", "audience", "seed", "exclude"]) {
      const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
      if (given.has(name) || name === "exclude") field.value = given.get(name) ?? "";
    }
    return { ...fromForm(), ...Object.fromEntries(Object.entries(read((name) => given.get(name) ?? "")).filter(([name]) => given.has(name))) };
  }

  function say(/** @type {string} */ text, refused = false) {
    said.textContent = text;
    said.classList.toggle("kit-refused", refused);
  }

  /** Put the sheets on the page and the address in the bar. */
  function show(/** @type {any} */ made, /** @type {Record<string, string>} */ sheets) {
    place.innerHTML = Object.values(sheets).join("\n");
    kit.offerPrinting(place);
    const address = toHash(made);
    history.replaceState(null, "", address);
    share.hidden = false;
    const [link, command, used] = share.querySelectorAll("a, code, span");
    /** @type {HTMLAnchorElement} */ (link).href = address;
    command.textContent = `dropgrade kit --level ${made.level} --minutes ${made.minutes} --audience ${made.audience} --seed ${made.seed}${made.exclude.length ? " --exclude used.json" : ""}`;
    used.textContent = made.used.join(" ");
    dispatchEvent(new Event("resize")); // the page's script looks which boxes scroll
  }

  async function make(wish = fromForm()) {
    say("Loading the questions …");
    try {
      const index = await part("index");
      const made = kit.make(index, wish);
      if (made.error) { place.replaceChildren(); share.hidden = true; return say(`No kit: ${made.error}.`, true); }
      const chosen = made.kit.questions.map((/** @type {{id: string}} */ one) => one.id);
      const records = Object.fromEntries(await Promise.all(chosen.map(async (/** @type {string} */ id) => [id, await part(id)])));
      const sheets = kit.sheets(made.kit, records, { hash, site }, "html");
      show(made.kit, sheets);
      say(`The kit is ready below: ${chosen.length} questions, ${made.kit.planned} of ${made.kit.minutes} minutes planned, ${Object.keys(sheets).length} sheets.`);
    } catch (error) {
      say(String(/** @type {Error} */ (error).message), true);
    }
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); make(); });
  form.querySelector(".kit-next")?.addEventListener("click", () => {
    const seed = /** @type {HTMLInputElement} */ (form.elements.namedItem("seed"));
    seed.value = String((Number(seed.value) + 1) % 2 ** 32);
    make();
  });
  /** A link to a kit is as good as the button. */
  function follow() { const wish = fromHash(); if (wish) make(wish); }
  addEventListener("hashchange", follow);
  share.querySelector("button")?.addEventListener("click", () => {
    const title = /** @type {HTMLElement} */ (place.querySelector("h2"));
    title.tabIndex = -1;
    title.focus();
  });
  follow();
})();
