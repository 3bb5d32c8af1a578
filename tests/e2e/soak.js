// Whether anything is left behind: many queries, many lessons, and memory that must stay where it is; or many tabs at once.
//
//     node tests/e2e/soak.js 1000 50 reports/soak     queries, lessons, where the report goes
//     node tests/e2e/soak.js --tabs 30 reports/soak   that many tabs of one browser; joins the report that is there
//
// The built page must be served at BASE_URL (cargo xtask serve). Fails when memory has grown by more than the bounds below.
import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { chromium } from "playwright-core";
import { BASE_URL, visit } from "./browser.js";
import { commit } from "./figures.js";
import { clips } from "./sounds.js";

/** Nobody knows how busy the machine is. */
const HOURS = 6 * 3600_000;
/** Growth in MB from the end of the warm-up to the last look: what a lesson takes is given back to the wasm, whose memory never shrinks. */
const BOUNDS = { wasm: 16, script: 8 };
/** After so many queries, and lessons, everything has its size. */
const WARM = { queries: 100, lessons: 5 };
const BETWEEN_LOOKS = { queries: 100, lessons: 5 };

const args = process.argv.slice(2);
const tabs = args[0] === "--tabs" ? Number(args[1] ?? 30) : 0;
const [queries, lessons] = tabs ? [0, 0] : [Number(args[0] ?? 1000), Number(args[1] ?? 50)];
const name = args[2];

/** Resident memory of this browser's processes, in MB. */
function resident(mark) {
  const lines = execFileSync("ps", ["-eo", "pid,ppid,rss,args"], { encoding: "utf8", maxBuffer: 1 << 26 }).split("\n");
  const processes = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)/.exec(line)).filter(Boolean);
  const family = new Set(processes.filter(([, , , , command]) => command.includes(mark)).map(([, pid]) => pid));
  for (let size = 0; size !== family.size; ) {
    size = family.size;
    for (const [, pid, parent] of processes) if (family.has(parent)) family.add(pid);
  }
  const kilobytes = processes.filter(([, pid]) => family.has(pid)).reduce((sum, [, , , rss]) => sum + Number(rss), 0);
  return Math.round(kilobytes / 1000);
}

/** In the page, in the place of its own script: an engine, the examples' clips, and what a visitor does with them. */
async function prepare(examples) {
  const [{ EngineClient }, { loadParts, loadWhole, loadCaptions, loadFile, CAPTIONS }, { decode }, { instantiate }] = await Promise.all(
    ["engine", "loading", "sound-files", "wasm"].map((file) => import(`/www/shell/${file}.js`)),
  );
  const crashed = (reason) => {
    throw new Error(`The engine crashed: ${reason}`);
  };
  const engine = new EngineClient({ heard: () => {}, ranking: () => {}, crashed });
  const parts = await loadParts("threads", () => {});
  // Sound is mixed by the page's own instance.
  await Promise.all([engine.start("cpu", parts), instantiate(parts.module, parts.glue)]);
  const { here, core } = engine;
  const speech = await loadWhole(() => {});
  await core.improve(speech, null);
  const { captions, index } = await loadCaptions();
  await core.bringCaptions(index);
  const sound = async (url, rate) => decode(await loadFile(new URL(url, location.origin), "a clip"), rate);
  const said = await Promise.all(examples.map(async ({ file, picture }) => ({ picture, clip: await sound(`/www/examples/${file}`, 48_000) })));
  const rehearsed = await Promise.all(
    ["train", "dev"].flatMap((split) => captions.filter((caption) => caption.split === split).slice(0, 6)).map(async (caption) => ({
      picture: caption.picture,
      role: caption.split === "train" ? "rehearse" : "remember",
      clip: await sound(new URL(caption.file, CAPTIONS), 16_000),
    })),
  );

  let seed = 1;
  /** From 0 to 1, the same every time (mulberry32). */
  const random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  /** An example as nobody has said it yet: louder or softer, faster or slower, in some noise, beginning at another moment. */
  const changed = ({ samples, sampleRate }) => {
    const [gain, noise, before] = [0.3 + 0.7 * random(), 0.002 * random(), Math.round(random() * 9600)];
    const out = new Float32Array(samples.length + before);
    for (let at = 0; at < out.length; at++) out[at] = gain * (samples[at - before] ?? 0) + noise * (2 * random() - 1);
    return { samples: out, sampleRate: Math.round(sampleRate * (0.92 + 0.16 * random())) };
  };
  /** As a microphone brings it: in blocks, through a port. */
  const spoken = async (clip) => {
    const { port1, port2 } = new MessageChannel();
    await here.listen(port2, clip.sampleRate);
    for (let at = 0; at < clip.samples.length; at += 2048) {
      port1.postMessage(clip.samples.slice(at, at + 2048));
      if (at % 16_384 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { ranking, error } = await here.finish();
    port1.close();
    if (!ranking) throw new Error(`Nothing was heard: ${error.message}`);
    return ranking;
  };

  let right = 0;
  const query = async (number) => {
    const { picture, clip } = said[number % said.length];
    const ranking = await (number % 10 === 9 ? spoken : ({ samples, sampleRate }) => core.search(samples, sampleRate))(changed(clip));
    if (ranking.results.length < 300 || ranking.vector.length !== 384) throw new Error("A ranking is not whole.");
    right += ranking.results[0].id === picture ? 1 : 0;
    // What else a visitor does now and then.
    if (number % 10 === 4) await core.alike(ranking.results[1].id);
    if (number % 10 === 5) await core.describe(ranking.results[0].id, 5);
    if (number % 10 === 6) await core.frames(clip.samples, clip.sampleRate);
    if (number % 10 === 7) {
      await core.addPicture(`own-${number % 50}`, ranking.vector);
      await core.addCaption(`said-${number % 50}`, ranking.vector);
    }
    if (number % 10 === 8) await core.removePicture(`own-${(number - 1) % 50}`);
  };
  /** Four recordings of two pictures, some captions, three steps; every fifth is kept, listened with, and undone. */
  const lesson = async (number) => {
    const options = { speech, taught: null, part: "head", loss: "amm", learningRate: 5e-4, steps: 3, seed: number + 1 };
    await here.make("lesson", "Teaching", options);
    const take = (role, picture, { samples, sampleRate }, view) => engine.lesson.take(role, picture, samples, sampleRate, view);
    for (const at of [0, 1, 2, 3]) {
      const { clip } = said[(number + at) % said.length];
      const { picture } = said[at % 2];
      for (const view of [0, 1]) await take("learn", picture, clip, view);
      if (at < 2) await take("examine", picture, clip, 2);
    }
    for (const { role, picture, clip } of rehearsed) await take(role, picture, clip, 0);
    await engine.lesson.begin();
    await engine.lesson.examine();
    for (let step = 0; step < 3; step++) if (!Number.isFinite((await engine.lesson.step()).loss)) throw new Error("A loss is no number.");
    await engine.lesson.examine();
    await engine.lesson.compare(said[0].clip.samples, said[0].clip.sampleRate, 3);
    const { file } = await engine.lesson.taught(`lesson ${number}`, new Date().toISOString());
    // As on the page: a lesson may end, or the next one takes its place.
    if (number % 2) await here.free("lesson");
    if (number % 5 === 4) {
      const renamed = await engine.program.renameTaught(file, "renamed");
      await core.improve(speech, renamed.file);
      await query(number);
      await core.improve(speech, null);
    }
  };
  window.soak = { query, lesson, right: () => right, glue: parts.glue };
}

/** Every kind of memory in MB, after what can be collected was. */
async function look(page, mark) {
  const worker = page.workers().find((one) => one.url().endsWith("/worker.js"));
  const measured = await page.evaluate(() => performance.measureUserAgentSpecificMemory());
  // What scripts and the document hold, here and in the worker; the wasm's memory is not among it.
  const glue = await page.evaluate(() => window.soak.glue);
  const [wasm, isShared] = await worker.evaluate(async (glue) => {
    const { buffer } = (await (await import(glue)).default()).memory;
    return [buffer.byteLength, !(buffer instanceof ArrayBuffer)];
  }, glue);
  // Memory that threads share is among it, and once more as what is shared.
  const script = measured.breakdown.filter(({ types }) => !types.includes("Shared")).reduce((sum, { bytes }) => sum + bytes, 0);
  return { wasm: wasm / 1e6, script: (script - (isShared ? wasm : 0)) / 1e6, browser: resident(mark) };
}

async function soak() {
  const mark = `--soak-mark=${process.pid}`;
  const options = {
    // The browser without windows does not tell of memory.
    whole: true,
    args: ["--enable-blink-features=ForceEagerMeasureMemory", mark],
    prepare: (page) => page.route("**/www/app.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" })),
  };
  return visit(options, async (page) => {
    page.setDefaultTimeout(HOURS);
    const browser = page.context().browser().version();
    await page.evaluate(prepare, clips);
    const looks = [];
    const seconds = { queries: 0, lessons: 0 };
    for (const [kind, what, count] of [["queries", "query", queries], ["lessons", "lesson", lessons]]) {
      for (let done = 0; done < count; ) {
        const next = Math.min(BETWEEN_LOOKS[kind], count - done);
        const start = Date.now();
        await page.evaluate(async ([what, from, to]) => {
          for (let number = from; number < to; number++) await window.soak[what](number);
        }, [what, done, done + next]);
        seconds[kind] += (Date.now() - start) / 1000;
        done += next;
        looks.push({ kind, done, ...(await look(page, mark)) });
        const { wasm, script, browser } = looks.at(-1);
        console.error(`${done} ${kind}: wasm ${wasm.toFixed(1)} MB, scripts ${script.toFixed(1)} MB, browser ${browser} MB, ${seconds[kind].toFixed(0)} s`);
      }
    }
    const growth = {};
    for (const kind of ["queries", "lessons"]) {
      const of = looks.filter((one) => one.kind === kind && one.done >= WARM[kind]);
      if (of.length < 2) continue;
      const [first, last] = [of[0], of.at(-1)];
      growth[kind] = { wasm: last.wasm - first.wasm, script: last.script - first.script, browser: last.browser - first.browser };
    }
    const right = await page.evaluate(() => window.soak.right());
    if (page.complaints.length) throw new Error(`The page complains: ${page.complaints.join("; ")}`);
    return { browser: `Chromium ${browser}`, processor: cpus()[0].model, cores: cpus().length, queries, lessons, right, seconds, looks, growth };
  });
}

/** A class opens the page: that many tabs at once, each until it is ready and has answered one example. */
async function manyTabs() {
  const mark = `--soak-mark=${process.pid}`;
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", mark] });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: "block" });
    context.setDefaultTimeout(HOURS);
    const start = Date.now();
    const since = () => (Date.now() - start) / 1000;
    const failures = [];
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, resident(mark))), 5000);
    const all = await Promise.all(Array.from({ length: tabs }, async (_, number) => {
      const page = await context.newPage();
      page.on("requestfailed", (request) => failures.push(`${request.url()} ${request.failure()?.errorText}`));
      page.on("response", (response) => response.status() >= 400 && failures.push(`${response.url()} ${response.status()}`));
      page.on("pageerror", (error) => failures.push(String(error)));
      await page.goto(new URL("/?device=cpu", BASE_URL).href, { timeout: HOURS });
      await page.waitForSelector('body[data-state="ready"]', { timeout: HOURS });
      const speak = since();
      await page.waitForSelector('body[data-state="ready"][data-network="whole"]', { timeout: HOURS });
      const whole = since();
      console.error(`tab ${number + 1}: ready after ${whole.toFixed(0)} s`);
      return { page, speak, whole };
    }));
    const ready = { memory: resident(mark), seconds: since() };
    const asked = Date.now();
    await Promise.all(all.map(async ({ page }) => {
      await page.evaluate(() => document.querySelector("#examples .example").click());
      await page.waitForSelector('#wall[data-ranking="final"]', { timeout: HOURS });
    }));
    clearInterval(watch);
    const times = (kind) => all.map((one) => one[kind]).toSorted((a, b) => a - b);
    return { browser: `Chromium ${browser.version()}`, cores: cpus().length, tabs, speak: times("speak"), whole: times("whole"), answered: (Date.now() - asked) / 1000, ready, most, failures };
  } finally {
    await browser.close();
  }
}

function text({ soak, tabs }) {
  const figure = (value) => value.toFixed(1);
  const parts = ["# Whether anything is left behind\n"];
  if (soak) {
    const rows = soak.looks.map(({ kind, done, wasm, script, browser }) => `| ${done} ${kind} | ${figure(wasm)} | ${figure(script)} | ${browser} |`);
    const grown = Object.entries(soak.growth).map(([kind, { wasm, script }]) => `over the ${kind} after the first ${WARM[kind]}, the wasm ${figure(wasm)} MB and scripts ${figure(script)} MB`);
    parts.push(
      `Made by \`node tests/e2e/soak.js ${soak.queries} ${soak.lessons} reports/soak\` at ${soak.commit}: ${soak.browser}, CPU path, ${soak.cores} cores, other work beside it.`,
      `${soak.queries} queries (the examples made louder, softer, faster, slower, noisier; every tenth through a microphone's port, with what a visitor does in between) took ${Math.round(soak.seconds.queries)} s,`,
      `${soak.lessons} lessons of three steps (every fifth kept, searched with and undone) ${Math.round(soak.seconds.lessons)} s; all in one worker.\n`,
      `Growth: ${grown.join("; ")}. The bounds are ${BOUNDS.wasm} and ${BOUNDS.script} MB. ${soak.right} of the queries found the example's own picture first.\n`,
      "| after | wasm, MB | scripts, MB | all processes of the browser, MB |\n|---|---|---|---|",
      `${rows.join("\n")}\n`,
    );
  }
  if (tabs) {
    const middle = (values) => Math.round(values[values.length >> 1]);
    parts.push(
      `## ${tabs.tabs} tabs of one server at once\n`,
      `Made by \`node tests/e2e/soak.js --tabs ${tabs.tabs} reports/soak\` at ${tabs.commit}: ${tabs.browser}, ${tabs.cores} cores for the server, the browser and all its tabs, other work beside it.`,
      `Speak could be pressed after ${middle(tabs.speak)} s (median; last ${Math.round(tabs.speak.at(-1))} s), the whole network was in use after ${middle(tabs.whole)} s (last ${Math.round(tabs.whole.at(-1))} s);`,
      `then every tab was asked one example at the same moment, and the last answer came after ${Math.round(tabs.answered)} s. The browser held ${(tabs.ready.memory / 1000).toFixed(1)} GB when all were ready, ${(Math.max(tabs.most, tabs.ready.memory) / 1000).toFixed(1)} GB at most. ${tabs.failures.length} requests failed. Resident memory is summed over processes, so what they share counts each time.\n`,
    );
  }
  return parts.join("\n");
}

const measured = tabs ? { tabs: { commit: commit(), ...(await manyTabs()) } } : { soak: { commit: commit(), ...(await soak()) } };
const before = name ? await readFile(`${name}.json`, "utf8").then(JSON.parse, () => ({})) : {};
const report = { ...before, ...measured };
console.log(JSON.stringify(measured, null, 1));
if (name) {
  await writeFile(`${name}.json`, `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(`${name}.md`, text(report));
}
const beyond = Object.entries(measured.soak?.growth ?? {}).flatMap(([kind, growth]) => Object.keys(BOUNDS).filter((what) => growth[what] > BOUNDS[what]).map((what) => `${what} grew by ${growth[what].toFixed(1)} MB over the ${kind}`));
if (measured.tabs?.failures.length) beyond.push(...measured.tabs.failures);
if (beyond.length) {
  console.error(`Something is left behind: ${beyond.join("; ")}.`);
  process.exitCode = 1;
}
