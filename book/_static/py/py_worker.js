// A web worker: one Python for the page, started on the first press of "Check" and kept warm after it.
// Everything comes from where the page comes from. Messages in: {start: {...}} once, then {id, slug, name, text,
// seed, digits}. Messages out: progress, ready, at (what Python is doing), report, failed.

/** @type {Promise<any> | undefined} */
let starting;
let digitsHere = false;

/** Count what arrives: the engine's own loader fetches through here, and each piece is reported. */
function countFetches() {
  const plain = self.fetch.bind(self);
  let loaded = 0;
  self.fetch = async (...request) => {
    const answer = await plain(...request);
    if (!answer.body || !answer.ok) return answer;
    const counted = answer.body.pipeThrough(new TransformStream({
      transform(piece, out) {
        loaded += piece.byteLength;
        postMessage({ type: "progress", loaded });
        out.enqueue(piece);
      },
    }));
    return new Response(counted, { status: answer.status, statusText: answer.statusText, headers: answer.headers });
  };
}

/** @param {string} url */
async function bytes(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url.split("/").pop()} could not be loaded (${answer.status})`);
  return new Uint8Array(await answer.arrayBuffer());
}

/**
 * Python, NumPy, the course's checks.
 * @param {{engine: string, checks: string}} from addresses: the engine's folder, the archive of checks
 */
async function start({ engine, checks }) {
  countFetches();
  const began = performance.now();
  const { loadPyodide } = await import(`${engine}pyodide.mjs`);
  const [python, archive] = await Promise.all([
    loadPyodide({ indexURL: engine, packageBaseUrl: engine, packages: ["numpy"] }), bytes(checks)]);
  const library = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
  python.unpackArchive(archive, "zip", { extractDir: library });
  python.runPython("from dropgrade.inpage import session; session.prepare()");
  postMessage({ type: "ready", ms: Math.round(performance.now() - began) });
  const check = python.runPython(`
import json
def check(slug, name, text, seed, say):
    return json.dumps(session.check(slug, name, text, seed, lambda **said: say(json.dumps(said))))
check`);
  return { python, library, check };
}

/** The digits that some checks train on, once. */
async function addDigits({ python, library }, url) {
  python.FS.writeFile(`${library}/dropgrade/digits14.npz`, await bytes(url));
  digitsHere = true;
}

onmessage = async ({ data }) => {
  try {
    starting ??= start(data.start);
    const here = await starting;
    if (data.digits && !digitsHere) await addDigits(here, data.digits);
    const began = performance.now();
    const said = here.check(data.slug, data.name, data.text, data.seed,
      (/** @type {string} */ json) => postMessage({ type: "at", ...JSON.parse(json) }));
    postMessage({ type: "report", id: data.id, ms: Math.round(performance.now() - began), ...JSON.parse(said) });
  } catch (error) {
    starting = undefined;
    postMessage({ type: "failed", id: data.id, message: String(error?.message ?? error).trim().split("\n").pop() });
  }
};
