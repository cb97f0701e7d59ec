// The page's one Python: asked by any exercise on it, started on demand, ended when an answer never ends.
"use strict";

{
  const here = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : "";
  const GRACE = 2000;

  /** @type {Worker | undefined} */
  let worker;
  let asked = 0;
  /** @type {Promise<unknown>} */
  let before = Promise.resolve();
  /** @type {((result: any) => void) | undefined} */
  let giveUp;

  /**
   * One question after the other.
   * @param {{engine: string, checks: string}} from addresses relative to the folder of this script
   * @param {object} question slug, name, text, perhaps seed and digits
   * @param {(news: any) => void} tell hears progress, ready and at
   * @returns {Promise<any>} the report, or {type: "stopped"}, {type: "given up"} or {type: "failed"}
   */
  function ask(from, question, tell) {
    const turn = before.then(() => answer(from, question, tell));
    before = turn.catch(() => {});
    return turn;
  }

  function answer(from, question, tell) {
    const address = (/** @type {string} */ path) => new URL(path, here).href;
    const id = ++asked;
    return new Promise((resolve) => {
      let timer = 0, limit = 0, at = "";
      const end = (/** @type {any} */ result) => {
        clearTimeout(timer);
        giveUp = undefined;
        if (result.type !== "report") { worker?.terminate(); worker = undefined; }
        resolve(result);
      };
      giveUp = end;
      /** Python has to say something within its limit; a loop that even its clock cannot reach says nothing. */
      const watch = () => {
        clearTimeout(timer);
        timer = setTimeout(() => end({ type: "stopped", limit, at }), 1000 * limit + GRACE);
      };
      try {
        worker ??= new Worker(address("py_worker.js"), { type: "module" });
      } catch (error) {
        end({ type: "failed", message: String(error) });
        return;
      }
      worker.onerror = (event) => end({ type: "failed", message: event.message || "the worker could not be loaded" });
      worker.onmessage = ({ data }) => {
        if (data.type === "at") { limit = data.timeout ?? limit; at = data.at; watch(); }
        if ((data.type === "report" || data.type === "failed") && data.id === id) end(data); else tell(data);
      };
      const start = { engine: address(from.engine), checks: address(from.checks) };
      const digits = question.digits && address(question.digits);
      worker.postMessage({ ...question, start, digits, id });
    });
  }

  /** The reader does not want to wait: Python ends, and starts again with the next question. */
  const stop = () => giveUp?.({ type: "given up" });

  globalThis.pyEngine = { ask, stop, running: () => Boolean(worker) };
}
