// "Print this sheet alone" on each sheet of a kit: the candidate must not find the key in the printer.
"use strict";

(() => {
  const root = document.documentElement;

  /** @param {HTMLElement} sheet */
  function printAlone(sheet) {
    sheet.classList.add("kit-chosen");
    root.dataset.kitPrint = "one";
    addEventListener("afterprint", () => {
      sheet.classList.remove("kit-chosen");
      delete root.dataset.kitPrint;
    }, { once: true });
    print();
  }

  /** Give every sheet below an element its button. */
  function offerPrinting(/** @type {ParentNode} */ place) {
    for (const sheet of /** @type {NodeListOf<HTMLElement>} */ (place.querySelectorAll(".kit-sheet"))) {
      const title = /** @type {HTMLElement} */ (sheet.querySelector("h2"));
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "kit-only", textContent: `Print the ${title.firstChild?.textContent?.toLowerCase()} alone` });
      button.addEventListener("click", () => printAlone(sheet));
      title.after(button);
    }
  }

  const kit = (globalThis.dropoutKit ??= {});
  Object.assign(kit, { offerPrinting });
  offerPrinting(document);
})();
