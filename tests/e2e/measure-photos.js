// What a folder of one's own photographs costs: taking it in, memory, ranking, a new visit, the folder looked through again.
//
//     node tests/e2e/measure-photos.js reports/photos [PHOTOGRAPHS]
//
// Prints a table and writes NAME.json and NAME.md. The page must be served at BASE_URL as visitors get it. The browser makes the
// photographs first: 500 x 375 pixels, 10 000 where nothing is said, and ten of 12 megapixels.
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { finalRanking, reach, visit } from "./browser.js";
import { commit, median, renderers } from "./figures.js";
import { giveFolder, makePhotographs } from "./photographs.js";

const name = process.argv[2];
const COUNT = Number(process.argv[3] ?? 10_000);
const LARGE = 10;
const RANKINGS = 7;
const HOURS = 6 * 3_600_000;

/** Bytes that the page with its workers has to itself. */
const memory = () => renderers()[0];

const now = (page) => page.evaluate(() => performance.now());
const says = (page, pattern) => page.waitForFunction((source) => new RegExp(source).test(document.getElementById("own-status").textContent), pattern.source, { timeout: HOURS, polling: 100 });
const press = (page, id) => page.evaluate((id) => document.getElementById(id).click(), id);

/** Milliseconds from the press that asks for pictures like one to the frame in which the wall has moved. */
async function ranking(page, place) {
  if (await page.isVisible("#reset")) await page.click("#reset");
  await page.locator("#wall .opener").nth(place).dispatchEvent("click");
  await page.waitForSelector("#picture-captions .say", { timeout: HOURS });
  return page.evaluate(() => new Promise((resolve) => {
    const wall = document.getElementById("wall");
    const watch = new MutationObserver(() => requestAnimationFrame(() => requestAnimationFrame(() => (watch.disconnect(), resolve(performance.now() - start)))));
    watch.observe(wall, { attributes: true, attributeFilter: ["data-milliseconds", "data-ranking"] });
    delete wall.dataset.milliseconds;
    watch.takeRecords();
    const start = performance.now();
    document.getElementById("picture-alike").click();
  }));
}

const measured = await visit({ whole: true, prepare: (page) => giveFolder(page) }, async (page) => {
  await reach(page, "ready");
  await page.waitForTimeout(5000);
  const loadBefore = loadavg()[0];
  const made = await makePhotographs(page, { to: COUNT });
  console.log(`${COUNT} photographs made in ${(made / 1000).toFixed(0)} s`);
  await page.reload();
  await reach(page, "ready");
  await page.waitForTimeout(5000);
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const rest = memory();
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, memory())), 1000);
  const start = await now(page);
  await press(page, "own-folder");
  await page.waitForSelector('#wall > li[data-id^="own-"]', { timeout: HOURS });
  const first = (await now(page)) - start;
  await says(page, new RegExp(`picture ${Math.floor(COUNT / 2)}|picture ${Math.floor(COUNT / 2) + 1}|picture ${Math.floor(COUNT / 2) + 2}| added`));
  const asked = await now(page);
  await page.locator(".example").first().click();
  await finalRanking(page);
  const meanwhile = (await now(page)) - asked;
  await says(page, / added\./);
  const all = (await now(page)) - start;
  clearInterval(watch);
  const after = memory();
  console.log(`taken in: ${(all / COUNT).toFixed(0)} ms each, first after ${(first / 1000).toFixed(1)} s`);
  const rankings = [];
  for (let place = 0; place < RANKINGS; place++) rankings.push(await ranking(page, place + 1));
  const lived = await page.$$eval("#wall > li", (items) => items.length);

  await giveFolder(page, "Large");
  const visits = [];
  for (let time = 0; time < 3; time++) {
    await page.reload();
    await reach(page, "ready");
    const ready = await now(page);
    await page.waitForFunction(() => document.querySelector('#wall > li[data-id^="own-"]'), null, { timeout: HOURS });
    const shown = await now(page);
    await says(page, /^Nothing new/);
    visits.push({ ready, shown, looked: (await now(page)) - shown });
  }
  const between = await now(page);
  await page.locator("#own-folders button").first().dispatchEvent("click");
  await page.waitForFunction(() => /^Looking/.test(document.getElementById("own-status").textContent), null, { timeout: HOURS, polling: "raf" });
  await says(page, /^Nothing new/);
  const again = (await now(page)) - between;

  await makePhotographs(page, { from: 100_000, to: 100_000 + LARGE, width: 4000, height: 3000, name: "Large" });
  const from = await now(page);
  await press(page, "own-folder");
  await says(page, new RegExp(`^${LARGE} pictures added`));
  const large = ((await now(page)) - from) / LARGE;
  return { loadBefore, rest, most, after, first, all, meanwhile, rankings, lived, visits, again, large };
});
const without = await visit({ whole: true }, async (page) => {
  const times = [];
  for (let time = 0; time < 3; time++) {
    await page.reload();
    await reach(page, "ready");
    times.push(await now(page));
  }
  return times;
});

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
const { visits } = measured;
const rows = [
  ["one JPEG of 12 megapixels: decode, embed, keep", `${Math.round(measured.large)} ms`],
  [`${COUNT} photographs of 500 x 375, each`, `${Math.round(measured.all / COUNT)} ms`],
  [`${COUNT} photographs of 500 x 375, all`, seconds(measured.all)],
  ["the first of them can be found after", seconds(measured.first)],
  ["a spoken query meanwhile, from the press to the ranking", seconds(measured.meanwhile)],
  ["memory above the page at rest, at most", megabytes(measured.most - measured.rest)],
  ["memory above the page at rest, when all are there", megabytes(measured.after - measured.rest)],
  [`ranking among ${COUNT + 328} and the wall moved`, `${Math.round(median(measured.rankings))} ms`],
  ["tiles in the document then", `${measured.lived}`],
  ["a new visit, until the whole network answers", seconds(median(visits.map(({ ready }) => ready)))],
  ["the same without own pictures", seconds(median(without))],
  ["until the own pictures are there too, more", seconds(median(visits.map(({ ready, shown }) => Math.max(0, shown - ready))))],
  ["the folder looked through again with nothing new", seconds(measured.again)],
];
const table = [["", "measured"], ["---", "---"], ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
console.log(table);
if (name) {
  await writeFile(`${name}.json`, `${JSON.stringify({ commit: commit(), processor: cpus()[0].model, cores: cpus().length, count: COUNT, measured, without }, null, 1)}\n`);
  await writeFile(`${name}.md`, `# Your photographs, by voice: what they cost

Made by \`node tests/e2e/measure-photos.js ${name} ${COUNT}\` at ${commit()}: ${cpus()[0].model}, ${cpus().length} cores with other work (load ${measured.loadBefore.toFixed(1)} before), Chromium, CPU path,
1280 x 800. The photographs are the gallery's, cut and tinted by the browser, in a folder that is chosen once. Memory is what the tab's process has
to itself, with its workers. Medians of ${RANKINGS} rankings and of three visits.

${table}
`);
}
