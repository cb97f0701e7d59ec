// node audit.mjs CHROMIUM URL...: a line of JSON a page, with its scores and every audit that costs points.
// Lighthouse comes from the folder that this runs in; throttling is off, because no category asked for is about speed.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const here = createRequire(join(process.cwd(), "package.json"));
const load = async (/** @type {string} */ name) => import(pathToFileURL(here.resolve(name)).href);
const { default: lighthouse } = await load("lighthouse");
const { launch } = await load("chrome-launcher");

const [, , chromePath, ...pages] = process.argv;
const chromeFlags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic"];
const chrome = await launch({ chromePath, chromeFlags, logLevel: "silent" });
try {
  for (const page of pages) {
    const onlyCategories = ["accessibility", "best-practices", "seo"];
    const { lhr } = await lighthouse(page, { port: chrome.port, logLevel: "error", onlyCategories, throttlingMethod: "provided" });
    const scores = Object.fromEntries(Object.values(lhr.categories).map(({ id, score }) => [id, score === null ? null : Math.round(100 * score)]));
    const weighed = new Set(Object.values(lhr.categories).flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight).map(({ id }) => id)));
    const lost = Object.values(lhr.audits).filter(({ id, score }) => weighed.has(id) && score !== null && score < 1)
      .map(({ id, details }) => ({ id, where: (details?.items ?? []).slice(0, 3).map((item) => item.node?.snippet ?? JSON.stringify(item).slice(0, 160)) }));
    console.log(JSON.stringify({ page, scores, lost, error: lhr.runtimeError?.message ?? null, version: lhr.lighthouseVersion }));
  }
} finally {
  chrome.kill();
}
