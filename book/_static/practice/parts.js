// What all pages of practice share: loading parts of the bank, building elements, and what is kept on the device.
"use strict";

(() => {
  const practice = globalThis.dropoutPractice;
  const root = /** @type {HTMLElement} */ (document.querySelector(".practice"));
  const { up = "", bank = "", index = "", version = "" } = root.dataset;
  const parts = new Map();
  /** Parts of the bank are scripts that call this, since `fetch` is refused on pages opened from disk. */
  (globalThis.dropoutKit ??= {}).receive = (/** @type {string} */ name, /** @type {unknown} */ value) => { parts.set(name, value); };

  /** One part, loaded once: "practice" for the index, "index" for what kits choose from, else a question's id. @returns {Promise<any>} */
  function part(/** @type {string} */ name) {
    if (parts.has(name)) return Promise.resolve(parts.get(name));
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${name === "practice" ? index : `${bank}${name}.js`}?${version}`;
      const fail = () => { script.remove(); reject(new Error(`${name} could not be loaded; are you offline? Try again when you are back.`)); };
      script.onload = () => (parts.has(name) ? resolve(parts.get(name)) : fail());
      script.onerror = fail;
      document.head.append(script);
    });
  }

  /** An element with properties, attributes (names with a dash, or role) and children; null children are left out. */
  function h(/** @type {string} */ tag, props = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(props)) {
      if (name in node && !name.includes("-")) node[name] = value; else node.setAttribute(name, String(value));
    }
    node.append(...children.filter((child) => child !== null));
    return node;
  }
  /** Text of the bank, set as HTML by the course's own build. */
  const set = (/** @type {string} */ tag, /** @type {string} */ className, /** @type {string} */ html) => h(tag, { className, innerHTML: html });
  const fold = (/** @type {string} */ title, ...content) => h("details", {}, h("summary", { textContent: title }), h("div", { className: "disclosed" }, ...content));
  const link = (/** @type {string} */ html, /** @type {string} */ at) => h("a", { href: up + at, innerHTML: html });

  const said = /** @type {HTMLElement} */ (root.querySelector(".practice-said"));
  function say(/** @type {string} */ text, refused = false) {
    said.textContent = text;
    said.classList.toggle("kit-refused", refused);
  }

  const shelf = practice.shelf(() => globalThis.localStorage);
  function showNotice() {
    const notice = /** @type {HTMLElement} */ (root.querySelector(".practice-notice"));
    notice.textContent = shelf.notice();
    notice.hidden = !notice.textContent;
  }

  const MEANING = {
    drop: "Here p is the probability of dropping a unit.",
    keep: "Here p is the probability of keeping a unit.",
    candidate_states: "Say first whether your p drops or keeps; either is fine.",
  };
  /** The prompt of a question with what p means in it. */
  const prompt = (/** @type {any} */ q) => h("div", {}, set("div", "kit-prompt", q.prompt), q.convention ? h("p", { className: "kit-note", textContent: MEANING[q.convention] }) : null);

  /** Put something into a box; the page's own script then looks which parts of it scroll. */
  function show(/** @type {Element} */ box, ...content) {
    box.replaceChildren(...content);
    dispatchEvent(new Event("resize"));
  }
  function focus(/** @type {Element | null} */ target) {
    if (!(target instanceof HTMLElement)) return;
    target.tabIndex = -1;
    target.focus();
  }

  /** The buttons that export, import and delete; `changed` runs after each that changed something. */
  function keeping(/** @type {() => void} */ changed) {
    const box = /** @type {HTMLElement} */ (root.querySelector(".practice-keep"));
    const kept = /** @type {HTMLElement} */ (box.querySelector(".practice-kept"));
    const tell = (/** @type {string} */ text, refused = false) => { kept.textContent = text; kept.classList.toggle("kit-refused", refused); };
    const count = (/** @type {any} */ state) => `${Object.keys(state.cards).length} cards, ${state.mocks.length} mock interviews and ${Object.keys(state.quizzes).length} quiz questions`;
    box.querySelector("[data-do=export]")?.addEventListener("click", () => {
      const state = shelf.load();
      const address = URL.createObjectURL(new Blob([practice.write(state)], { type: "application/json" }));
      h("a", { href: address, download: `dropout-practice-${new Date().toISOString().slice(0, 10)}.json` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
      tell(`Exported ${count(state)}.`);
    });
    box.querySelector("[data-do=delete]")?.addEventListener("click", () => {
      if (!confirm("Delete all cards, mock interviews and quiz results kept in this browser?")) return;
      shelf.clear();
      tell("Deleted. Nothing is kept now.");
      changed();
    });
    const file = /** @type {HTMLInputElement} */ (box.querySelector("input[type=file]"));
    file.addEventListener("change", async () => {
      const [chosen] = file.files ?? [];
      if (!chosen) return;
      try {
        const given = practice.read(await chosen.text());
        shelf.change((/** @type {any} */ state) => practice.merge(state, given));
        tell(`Imported ${count(given)} from ${chosen.name}; kept now: ${count(shelf.load())}.`);
        changed();
      } catch (error) {
        tell(`Nothing was imported from ${chosen.name}: ${/** @type {Error} */ (error).message}.`, true);
      }
      file.value = "";
      showNotice();
    });
    shelf.load(); // whatever cannot be read is found out now
    showNotice();
  }

  Object.assign(practice, { root, part, h, set, fold, link, say, shelf, showNotice, prompt, show, focus, keeping });
})();
