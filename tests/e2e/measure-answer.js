// What an answer costs a telephone: memory at rest and while answering, how smooth the wall stays, and the time to the ranking.
//
//     node tests/e2e/measure-answer.js reports/answer [RUNS]
//
// Prints a table and writes NAME.json and NAME.md. The page must be served at BASE_URL (cargo xtask serve). A fake microphone speaks
// two of the examples; once as this machine is, once with the page's thread slowed four times, both at 390 px.
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { finalRanking, reach, visit } from "./browser.js";
import { commit, median, renderers, watchTasks } from "./figures.js";
import { SAMPLE_RATE, clips, decoded, joined, microphone, silence } from "./sounds.js";

const RUNS = Number(process.argv[3] ?? 3);
const name = process.argv[2];
const SLOWED = [1, 4];

/** Runs in the page before its own scripts. */
function watchFrames() {
  window.frames = [];
  const frame = (now) => {
    window.frames.push(now);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

async function prepare(page) {
  await page.addInitScript(watchTasks);
  await page.addInitScript(watchFrames);
}

/** Watches the page's thread; gives the longest task in milliseconds of the processor, without what it waited for one. */
async function watchThread(session) {
  const events = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel", "devtools.timeline"] } });
  return async () => {
    const done = new Promise((resolve) => session.once("Tracing.tracingComplete", resolve));
    await session.send("Tracing.end");
    await done;
    const thread = ({ pid, tid }) => `${pid} ${tid}`;
    const drawing = events.find(({ name }) => name === "UpdateLayoutTree");
    const tasks = events.filter((event) => event.name === "ThreadControllerImpl::RunTask" && thread(event) === thread(drawing));
    return Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1000;
  };
}

async function once(slowed, args) {
  return visit({ whole: true, args, context: { viewport: { width: 390, height: 844 } }, prepare }, async (page) => {
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slowed });
    await reach(page, "ready");
    await page.waitForTimeout(3000);
    await session.send("HeapProfiler.collectGarbage");
    // A new order of the wall is no jump: it is counted until then.
    const shift = await page.evaluate(() => window.seen.shift);
    const [rest] = renderers();
    let most = rest;
    const watch = setInterval(() => (most = Math.max(most, renderers()[0])), 100);
    await page.click("#speak");
    await reach(page, "listening");
    const from = await page.evaluate(() => performance.now());
    const processor = await watchThread(session);
    await finalRanking(page);
    await page.waitForTimeout(1000);
    clearInterval(watch);
    const longestComputed = await processor();
    const { tasks, frames, live } = await page.evaluate((from) => ({
      tasks: window.longTasks.filter(({ startTime }) => startTime >= from).map(({ duration }) => duration),
      frames: window.frames.filter((at) => at >= from),
      live: window.seen.rankings.filter(({ kind, at }) => kind === "live" && at >= from).map(({ at }) => at),
    }), from);
    const gaps = frames.slice(1).map((at, n) => at - frames[n]).toSorted((a, b) => a - b);
    return {
      rest, most, live: live.length > 1 ? (1000 * (live.length - 1)) / (live.at(-1) - live[0]) : 0,
      frames: (1000 * (frames.length - 1)) / (frames.at(-1) - frames[0]), slowest: gaps[Math.floor(gaps.length * 0.99)],
      longestTask: Math.max(0, ...tasks),
      longestComputed,
      milliseconds: Number(await page.getAttribute("#wall", "data-milliseconds")),
      shift,
    };
  });
}

// About three seconds: two of the examples, said one after the other.
const said = [clips[0], clips.at(-1)];
const speech = joined(await decoded(said[0].file), silence(0.2), await decoded(said[1].file));
const args = await microphone(joined(silence(0.7), speech, silence(2.5)));
const measured = [];
for (const slowed of SLOWED) {
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(await once(slowed, args));
  measured.push({ slowed, runs });
}

const header = ["page's thread", "MB at rest", "MB at most", "live rankings a second", "frames a second", "99 % of frames within, ms", "longest task, ms", "longest by processor time, ms", "end to ranking, ms", "shift before speaking"];
const rows = measured.map(({ slowed, runs }) => {
  const of = (key) => median(runs.map((run) => run[key]));
  return [slowed === 1 ? "as it is" : `${slowed} times slower`, (of("rest") / 1e6).toFixed(0), (of("most") / 1e6).toFixed(0), of("live").toFixed(1), of("frames").toFixed(0), of("slowest").toFixed(0), of("longestTask").toFixed(0), of("longestComputed").toFixed(0), of("milliseconds").toFixed(0), of("shift").toFixed(3)];
});
const table = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const now = commit();
console.log(table);
if (name) {
  await writeFile(`${name}.json`, `${JSON.stringify({ commit: now, processor: cpus()[0].model, cores: cpus().length, clips: said.map(({ file }) => file), measured }, null, 1)}\n`);
  await writeFile(`${name}.md`, `# What an answer costs

Made by \`node tests/e2e/measure-answer.js ${name}\` at ${now}: ${cpus()[0].model}, ${cpus().length} cores, CPU path, 390 x 844, ${RUNS > 1 ? `medians of ${RUNS} runs` : "one run"}. A
fake microphone says “${said.map(({ text }) => text).join(", ")}”, ${(speech.length / SAMPLE_RATE).toFixed(1)} s; the rest is measured from the first moment of listening to a second after the ranking, live rankings from the first to the last. Memory is what
the tab's process has to itself, with its worker; the slowing is of the page's thread, not of the worker that computes.

${table}
`);
}
