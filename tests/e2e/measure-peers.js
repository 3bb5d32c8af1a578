// The networks that ship beside the same ones in ONNX Runtime Web: one browser, one thread, in turn.
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
/** What ONNX Runtime Web asks for, and the page that both run in. */
const files = async () => {
  const runtime = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"];
  const networks = ["Hearer.onnx", "Viewer.onnx"];
  return Object.fromEntries([
    ["peers.html", "<!doctype html><title>peers</title>"],
    ...(await Promise.all(runtime.map(async (file) => [`peer/${file}`, await readFile(new URL(`dist/${file}`, PEER))]))),
    ...(await Promise.all(networks.map(async (file) => [`onnx/${file}`, await readFile(join(folder, file))]))),
  ]);
};

/** Runs in the browser: milliseconds of each in turn, and the cosine of what they gave. @param {number} rounds */
async function inTurn(rounds) {
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const { default: init, Engine, Pictures } = await import("/pkg/cpu/hearsight.js");
  const ort = await import("/peer/ort.wasm.min.mjs");
  await init();
  Object.assign(ort.env.wasm, { wasmPaths: "/peer/", numThreads: 1 });
  const session = async (network) => ort.InferenceSession.create(await bytes(`/onnx/${network}.onnx`), { executionProviders: ["wasm"] });
  const engine = await Engine.start({ device: "cpu", speech: await bytes("/www/models/speech.safetensors"), index: await bytes("/www/gallery/index.safetensors") });
  const pictures = new Pictures(engine);
  pictures.bring(await bytes("/www/models/picture.safetensors"));
  const [hearer, viewer] = [await session("Hearer"), await session("Viewer")];

  // Three seconds that are speech from end to end, so that nothing is left out.
  const decoder = new OfflineAudioContext(1, 1, 16_000);
  const spoken = [];
  for (const example of ["white-lighthouse-beach_6", "astronaut-spacewalk_6", "noodle-soup-chopsticks_6", "winter-campfire_6", "steam-train_6"]) {
    const sound = (await decoder.decodeAudioData((await bytes(`/www/examples/${example}.ogg`)).buffer)).getChannelData(0);
    spoken.push(...sound.subarray(sound.findIndex((one) => Math.abs(one) > 0.05), sound.findLastIndex((one) => Math.abs(one) > 0.05)));
  }
  const samples = Float32Array.from(spoken.slice(0, 48_000));
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
    // The first rounds are those in which the browser still optimises.
    for (let round = -10; round < rounds * 10; round++) {
      for (const which of round % 2 ? [0, 1] : [1, 0]) {
        const start = performance.now();
        await both[which]();
        if (round >= 0) milliseconds[which].push(performance.now() - start);
      }
    }
    found[task] = { cosine, milliseconds };
  }
  return found;
}

let found = {};
await withHost({}, async (host) => {
  host.publish(await files());
  found = await inBrowser([], async (browser) => {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(error));
    await page.goto(`${host.address}peers.html`);
    return page.evaluate(inTurn, ROUNDS);
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

Made by \`node tests/e2e/measure-peers.js ${name}\` at ${commit()}: ${cpus()[0].model}, Chromium, one thread each, in turn in one page, medians of ${ROUNDS * 10} each.
The peer is onnxruntime-web ${version} with the same weights in f32 (\`benches/peers.py --onnx\`). It gets log-mel frames and pixels as the networks take
them; ours makes the frames of the samples, ranks the gallery and scales the pixels within its time.

${table}
`);
}
process.exit(0);
