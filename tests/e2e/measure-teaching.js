// What a lesson costs in a visitor's browser: minutes, memory, and how long the page is held up. Prints JSON.
//
//     node tests/e2e/measure-teaching.js data/lessons/fr-100.tsv 200 cpu taught.hearsight
//
// The page must be served (cargo xtask serve). The lesson's train rows are read as a folder of clips with a table.
import { execFileSync } from "node:child_process";
import { copyFile, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { reach, visit } from "./browser.js";

const HOURS = 4 * 3600_000;
const [table, steps = "200", device = "cpu", out] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "lesson-"));
const [header, ...lines] = (await readFile(table, "utf8")).trim().split("\n");
const rows = [header];
for (const [image, audio, ...rest] of lines.map((line) => line.split("\t"))) {
  if (rest.at(-1) !== "train") continue;
  for (const path of [image, audio]) await copyFile(resolve(dirname(table), path), join(folder, basename(path)));
  rows.push([basename(image), basename(audio), ...rest].join("\t"));
}
await writeFile(join(folder, "pairs.tsv"), rows.join("\n"));

const figures = await visit({ whole: true, path: `/?device=${device}#teach`, gpu: device === "gpu", args: ["--enable-precise-memory-info"] }, async (page) => {
  await reach(page, "ready");
  await page.setInputFiles("#lesson-folder-input", folder);
  await page.waitForFunction(() => /were read/.test(document.getElementById("lesson-status").textContent), null, { timeout: HOURS });
  const read = await page.textContent("#lesson-status");
  await page.locator("#train-options summary").click();
  await page.fill("[name=steps]", steps);
  await page.evaluate(() => {
    window.measured = { tasks: [], memory: [] };
    new PerformanceObserver((list) => window.measured.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  });
  const start = Date.now();
  await page.click("#train");
  const of = (pattern) => page.waitForFunction((source) => new RegExp(source).test(document.getElementById("train-status").textContent), pattern.source, { timeout: HOURS, polling: 100 });
  await of(/^Step/);
  const listened = Date.now();
  const [worker] = page.workers();
  /** The wasm's memory, and what all processes of the browser hold, in MB. */
  const memory = async () => ({
    wasm: Math.round((await worker.evaluate(async () => (await (await import("/pkg/hearsight.js")).default()).memory.buffer.byteLength)) / 1e6),
    browser: Math.round(execFileSync("ps", ["-eo", "rss,args"], { encoding: "utf8" }).split("\n").filter((line) => /chromium/.test(line)).reduce((sum, line) => sum + parseInt(line), 0) / 1000),
  });
  const seen = [];
  for (let step = 50; step <= Number(steps); step += 50) {
    await page.waitForFunction((step) => Number(/^Step (\d+)/.exec(document.getElementById("train-status").textContent)?.[1] ?? 1e9) >= step, step, { timeout: HOURS, polling: 50 });
    seen.push({ step, ...(await memory()) });
  }
  await page.waitForSelector("body[data-teaching=made]", { timeout: HOURS });
  const end = Date.now();
  const tasks = await page.evaluate(() => window.measured.tasks);
  if (out) {
    await page.click("#taught-keep");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /^Save as \.hearsight/ }).last().click()]);
    await download.saveAs(out);
  }
  return {
    lesson: basename(table), device, read, steps: Number(steps),
    secondsListening: (listened - start) / 1000, secondsTraining: (end - listened) / 1000,
    memory: seen, tasksAbove50ms: tasks.length, longestTask: Math.max(0, ...tasks),
    found: await page.locator("#taught-figures tr").allInnerTexts(),
    complaints: page.complaints,
  };
});
console.log(JSON.stringify(figures, null, 2));
