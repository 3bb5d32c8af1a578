// What the page costs a visitor before the first search: bytes, requests, seconds, and how long it holds the browser up.
//
//     node tests/e2e/measure-page.js reports/page [RUNS]
//
// Prints a table and writes NAME.json, NAME.md and NAME.svg. The built page must be served at BASE_URL (cargo xtask serve); it is
// measured from a host of its own on this machine, which packs with gzip and says what a published page says.
import { cpus } from "node:os";
import { writeFile } from "node:fs/promises";
import { PATIENCE, reach, visit } from "./browser.js";
import { commit, median, watchTasks } from "./figures.js";
import { Host } from "./host.js";
import { byKind, drawing } from "./waterfall.js";

const RUNS = Number(process.argv[3] ?? 5);
/** Lines in bits a second and milliseconds of delay; the second is an ordinary one at home, the third a bad one on the way. */
const LINES = { "this machine": null, "10 Mbit/s, 40 ms": { bits: 10e6, delay: 40 }, "1.5 Mbit/s, 300 ms": { bits: 1.5e6, delay: 300 } };
const name = process.argv[2];

/** Runs in the page before its own scripts. */
function watchSpeak() {
  window.cost = { speak: 0 };
  performance.setResourceTimingBufferSize(2000);
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("speak");
    new MutationObserver(() => {
      if (!button.disabled) window.cost.speak ||= performance.now();
    }).observe(button, { attributes: true, attributeFilter: ["disabled"] });
  });
}

/** From the beginning of a navigation to the whole network in use. */
async function figures(page, host) {
  await reach(page, "ready");
  const whole = await page.evaluate(() => performance.now());
  const { origin, cost, tasks, shift, paint, requests } = await page.evaluate(() => ({
    origin: performance.timeOrigin,
    cost: window.cost,
    tasks: window.longTasks,
    shift: window.seen.shift,
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
    requests: performance.getEntriesByType("resource").map(({ name, startTime, responseEnd, encodedBodySize }) => ({ name, startTime, responseEnd, encodedBodySize })),
  }));
  const before = (end) => {
    const sent = host.sent.filter(({ at }) => at >= origin - 5 && at <= origin + end);
    const sum = (key) => sent.reduce((all, one) => all + one[key], 0);
    return { requests: sent.length, transferred: sum("sent"), unpacked: sum("bytes") };
  };
  // As Lighthouse counts it: what each task takes beyond 50 ms.
  const blocking = tasks.reduce((sum, { duration }) => sum + duration - 50, 0);
  return {
    firstPaint: paint, speak: cost.speak, whole,
    untilSpeak: before(cost.speak), untilWhole: before(whole),
    longestTask: Math.max(0, ...tasks.map(({ duration }) => duration)), blocking, shift,
    came: byKind(requests),
  };
}

const host = await Host.open();
host.pack();
const measured = [];
let browser = "";
for (const [line, limits] of Object.entries(LINES)) {
  const [first, second, keeping] = [[], [], []];
  for (let run = 0; run < RUNS; run++) {
    const slow = async (page) => {
      if (!limits) return;
      const session = await page.context().newCDPSession(page);
      await session.send("Network.enable");
      await session.send("Network.emulateNetworkConditions", { offline: false, latency: limits.delay, downloadThroughput: limits.bits / 8, uploadThroughput: limits.bits / 8 });
    };
    const prepare = async (page) => {
      browser = page.context().browser().version();
      await page.context().addInitScript(watchTasks);
      await page.context().addInitScript(watchSpeak);
      await slow(page);
    };
    host.sent = [];
    await visit({ whole: true, path: `${host.address}?device=cpu`, context: { serviceWorkers: "allow" }, prepare }, async (page) => {
      first.push(await figures(page, host));
      await page.waitForFunction(() => document.getElementById("offline").textContent.startsWith("Ready to work"), null, { timeout: PATIENCE });
      keeping.push({ seconds: (await page.evaluate(() => performance.now())) / 1000, transferred: host.sent.reduce((sum, { sent }) => sum + sent, 0), requests: host.sent.length });
      await page.waitForTimeout(2000);
      host.sent = [];
      const again = await page.context().newPage();
      await slow(again);
      await again.goto(`${host.address}?device=cpu`);
      second.push(await figures(again, host));
    });
    console.error(`${line}, run ${run + 1} of ${RUNS}`);
  }
  measured.push({ line, first, second, keeping });
}
await host.stop();

const report = { commit: commit(), browser: `Chromium ${browser}`, processor: cpus()[0].model, cores: cpus().length, runs: RUNS, measured };

const seconds = (milliseconds) => (milliseconds / 1000).toFixed(2);
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
const rows = [];
for (const { line, first, second } of measured) {
  for (const [visitName, runs] of [["first", first], ["second, by the service worker", second]]) {
    const of = (value) => median(runs.map(value));
    rows.push([line, visitName, of((one) => one.untilSpeak.requests), megabytes(of((one) => one.untilSpeak.transferred)), megabytes(of((one) => one.untilSpeak.unpacked)), seconds(of((one) => one.firstPaint)), seconds(of((one) => one.speak)), seconds(of((one) => one.whole)), Math.round(of((one) => one.longestTask)), Math.round(of((one) => one.blocking)), of((one) => one.shift).toFixed(3)]);
  }
}
const header = ["line", "visit", "requests", "MB sent", "MB unpacked", "first paint, s", "Speak, s", "whole network, s", "longest task, ms", "blocking, ms", "shift"];
const table = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const kept = measured.map(({ line, keeping }) => `${line}: ${Math.round(median(keeping.map(({ seconds }) => seconds)))} s`).join("; ");
const [{ keeping: [{ transferred, requests }] }] = measured;
const text = `# What the page costs

Made by \`node tests/e2e/measure-page.js reports/page\` at ${report.commit}: ${report.browser}, ${report.processor}, ${report.cores} cores, CPU path
(\`?device=cpu\`), 1280 x 800, ${RUNS > 1 ? `medians of ${RUNS} runs, each` : "one run,"} in a browser without anything kept. The host is on the same machine, packs with
gzip and asks browsers to check what they kept. Requests and bytes (bodies only) are those that the host saw until Speak could be pressed;
tasks, blocking time (beyond 50 ms each, as Lighthouse counts it) and layout shift are of the page's thread until the whole network was in use.

${table}

Until the page was ready to work without a network (${requests} requests, ${megabytes(transferred)} MB in all), from the beginning of the first visit: ${kept}.
The line is slowed for the page; what the service worker fetches in the background is not.

![What came when, in the first run of each line](page.svg)
`;
const visits = measured.map(({ line, first: [{ came, firstPaint, speak, whole }] }) => ({ line, bars: came, moments: [["first paint", firstPaint], ["Speak", speak], ["whole network", whole]] }));
console.log(table);
console.log(JSON.stringify(report));
if (name) {
  await writeFile(`${name}.json`, `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(`${name}.md`, text);
  await writeFile(`${name}.svg`, drawing(visits));
}
