// The networks that ship beside the same ones in ONNX Runtime Web: one browser, one thread and as many as the page takes, in turn.
//
//     npm install --no-save onnxruntime-web@1.30.0
//     python benches/peers.py --onnx FOLDER
//     node tests/e2e/measure-peers.js reports/peers FOLDER [ROUNDS]
//
// Prints a table and writes NAME.json and NAME.md. The page must be served at BASE_URL as visitors get it. ONNX Runtime gets log-mel frames and
// pixels as the networks take them; ours makes the frames of samples and scales the pixels. That both are the same networks is seen by
// the cosine of their vectors.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { CHROMIUM, inBrowser } from "./browser.js";
import { commit, median } from "./figures.js";
import { withHost } from "./host.js";

const [name, folder] = process.argv.slice(2);
const ROUNDS = Number(process.argv[4] ?? 7);
const PEER = new URL("../../node_modules/onnxruntime-web/", import.meta.url);
/** Threads that both may have: one, and those of a page on this machine. */
const THREADS = [...new Set([1, Math.min(4, cpus().length)])];
/** The page is isolated, as visitors' is; its own policy would forbid the peer's workers. */
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
/** What ONNX Runtime Web asks for, and the page and the worker that both run in. */
const files = async () => {
  const runtime = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
  const networks = ["Hearer.onnx", "Viewer.onnx"];
  return Object.fromEntries([
    ["peers.html", "<!doctype html><title>peers</title>"],
    ["peers.js", `onmessage = ({ data }) => (${inTurn})(data).then((found) => postMessage({ found }), (error) => postMessage({ error: error.stack }));`],
    ...(await Promise.all(runtime.map(async (file) => [`peer/${file}`, await readFile(new URL(`dist/${file}`, PEER))]))),
    ...(await Promise.all(networks.map(async (file) => [`onnx/${file}`, await readFile(join(folder, file))]))),
  ]);
};

/** Runs in the page: what a worker of it measures. @param {number} threads @param {number} rounds */
async function inWorker(threads, rounds) {
  // Three seconds that are speech from end to end, so that nothing is left out.
  const decoder = new OfflineAudioContext(1, 1, 16_000);
  const spoken = [];
  for (const example of ["white-lighthouse-beach_6", "astronaut-spacewalk_6", "noodle-soup-chopsticks_6", "winter-campfire_6", "steam-train_6"]) {
    const bytes = await (await fetch(`/www/examples/${example}.ogg`)).arrayBuffer();
    const sound = (await decoder.decodeAudioData(bytes)).getChannelData(0);
    spoken.push(...sound.subarray(sound.findIndex((one) => Math.abs(one) > 0.05), sound.findLastIndex((one) => Math.abs(one) > 0.05)));
  }
  const worker = new Worker("/peers.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { found, error } }) => (worker.terminate(), found ? resolve(found) : reject(new Error(error)));
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage({ threads, rounds, samples: Float32Array.from(spoken.slice(0, 48_000)) });
  });
}

/** Runs in a worker: milliseconds of each, ten times in turn, and the cosine of what they gave. @param {{ threads: number, rounds: number, samples: Float32Array }} asked */
async function inTurn({ threads, rounds, samples }) {
  const TIMES = 10;
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const path = threads > 1 ? "/pkg/threads/" : "/pkg/cpu/";
  const { default: init, Engine, Pictures, shareWork } = await import(`${path}hearsight.js`);
  const ort = await import("/peer/ort.wasm.min.mjs");
  const module = await WebAssembly.compileStreaming(fetch(`${path}hearsight_bg.wasm`));
  const { memory } = await init({ module_or_path: module });
  shareWork?.(threads - 1);
  const helpers = Array.from({ length: threads - 1 }, () => new Worker("/www/helper.js", { type: "module" }));
  await Promise.all(helpers.map((helper) => new Promise((resolve) => {
    helper.onmessage = resolve;
    helper.postMessage({ module, memory, glue: `${path}hearsight.js`, helpers: 0 });
  })));
  Object.assign(ort.env.wasm, { wasmPaths: "/peer/", numThreads: threads });
  const session = async (network) => ort.InferenceSession.create(await bytes(`/onnx/${network}.onnx`), { executionProviders: ["wasm"] });
  const engine = await Engine.start({ device: "cpu", speech: await bytes("/www/models/speech.safetensors"), index: await bytes("/www/gallery/index.safetensors") });
  const pictures = new Pictures(engine);
  pictures.bring(await bytes("/www/models/picture.safetensors"));
  const [hearer, viewer] = [await session("Hearer"), await session("Viewer")];

  const frames = engine.frames(samples, 16_000);
  const mel = new Float32Array(80 * 300);
  for (let frame = 0; frame < 300; frame++) for (let band = 0; band < 80; band++) mel[band * 300 + frame] = frames[frame * 80 + band];
  const rgba = new Uint8Array(224 * 224 * 4).map((_, place) => (place % 4 === 3 ? 255 : (place * 37 + ((place / 896) | 0) * 59) % 256));
  const pixels = new Float32Array(3 * 224 * 224);
  for (let plane = 0; plane < 3; plane++) for (let place = 0; place < 224 * 224; place++) pixels[plane * 224 * 224 + place] = (rgba[place * 4 + plane] - 127) / 128;

  const half = (bits) => ((bits & 0x8000 ? -1 : 1) * (bits & 0x7c00 ? 2 ** (((bits >> 10) & 31) - 15) * (1 + (bits & 1023) / 1024) : ((bits & 1023) / 1024) * 2 ** -14));
  const run = async (session, values, shape) => (await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", values, shape) }))[session.outputNames[0]].data;
  const tasks = {
    "three seconds of speech to their vector": [
      async () => (await engine.search(samples, 16_000)).vector,
      () => run(hearer, mel, [1, 80, 300]),
    ],
    "a picture to its vector": [
      async () => Float32Array.from(new Uint16Array((await pictures.place(rgba, 224, 224, new Uint8Array())).packed.buffer), half),
      () => run(viewer, pixels, [1, 3, 224, 224]),
    ],
  };
  const found = {};
  for (const [task, both] of Object.entries(tasks)) {
    const [own, other] = [await both[0](), await both[1]()];
    const product = (one, two) => one.reduce((sum, value, place) => sum + value * two[place], 0);
    const cosine = product(own, other) / Math.sqrt(product(own, own) * product(other, other));
    const milliseconds = [[], []];
    // The first round is that in which the browser still optimises, the first time that in which the other's threads still look for work.
    for (let round = -1; round < rounds; round++) {
      for (const which of round % 2 ? [0, 1] : [1, 0]) {
        for (let time = 0; time <= TIMES; time++) {
          const start = performance.now();
          await both[which]();
          if (round >= 0 && time > 0) milliseconds[which].push(performance.now() - start);
        }
      }
    }
    found[task] = { cosine, milliseconds };
  }
  return found;
}

const found = {};
await withHost({ policy: ISOLATED }, async (host) => {
  host.publish(await files());
  await inBrowser([], async (browser) => {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(error));
    await page.goto(`${host.address}peers.html`);
    for (const threads of THREADS) {
      const measured = await page.evaluate(`(${inWorker})(${threads}, ${ROUNDS})`);
      for (const [task, one] of Object.entries(measured)) found[`${task}, ${threads === 1 ? "one thread" : `${threads} threads`}`] = one;
    }
  }, CHROMIUM);
});

const { version } = JSON.parse(await readFile(new URL("package.json", PEER), "utf8"));
const rows = Object.entries(found).map(([task, { cosine, milliseconds: [own, other] }]) => {
  assert(cosine > 0.999, `${task}: the vectors' cosine is ${cosine}`);
  return [task, median(own).toFixed(1), median(other).toFixed(1), (median(own) / median(other)).toFixed(2), cosine.toFixed(5)];
});
const table = [["", "hearsight, ms", "ONNX Runtime Web, ms", "ratio", "cosine of the vectors"], ["---", "---", "---", "---", "---"], ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
console.log(table);
if (name) {
  await writeFile(`${name}.json`, `${JSON.stringify({ commit: commit(), processor: cpus()[0].model, version, found }, null, 1)}\n`);
  await writeFile(`${name}.md`, `# The same networks in ONNX Runtime Web

Made by \`node tests/e2e/measure-peers.js ${name}\` at ${commit()}: ${cpus()[0].model}, Chromium, as many threads each, ten times in turn in one worker of an
isolated page, medians of ${ROUNDS * 10} each.
The peer is onnxruntime-web ${version} with the same weights in f32 (\`benches/peers.py --onnx\`). It gets log-mel frames and pixels as the networks take
them; ours makes the frames of the samples, ranks the gallery and scales the pixels within its time.

${table}
`);
}
process.exit(0);
