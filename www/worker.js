// The engine's own thread. Answers the page's requests one by one, hears the microphone's blocks in between, and keeps
// the live clip in plain JavaScript, where no trap in the wasm can reach it.
import { contentOf } from "./content.js";
import { failure } from "./named.js";
import { Store } from "./store.js";
import { instantiate } from "./wasm.js";

/** @import { Failure } from "./named.js" */
/** @import { Clip, Engine, Event, Experiment, KeptPicture, Package, Pictures, Reply, Request, Said, Systems, Teaching, Vgg16 } from "./types.d.ts" */

/** Live rankings start at least this far apart, in milliseconds. */
const BETWEEN_RANKINGS = 350;
/** What the worklet sent last is still on its way when the visitor stops, for this many milliseconds. */
const LAST_BLOCKS = 60;

/** @typedef {{ port: MessagePort, sampleRate: number, blocks: Float32Array[], ranked: number }} Live */

/** @type {Package} */
let program;
/** @type {Engine} */
let engine;
/** @type {Pictures} */
let pictures;
/** The lesson under way. @type {Teaching | null} */
let teaching = null;
/** The poster's picture network, once somebody brings it. @type {Vgg16 | null} */
let vgg16 = null;
/** The poster's systems, once one of them is brought. @type {Systems | null} */
let systems = null;
/** The losses at work. @type {Map<string, Experiment>} */
const experiments = new Map();
/** @type {Live | null} */
let live = null;
/** The live ranking under way. @type {Promise<void> | null} */
let ranking = null;
let crashed = false;
const store = new Store();

/** @param {Reply | Event} message @param {Transferable[]} [transfer] */
const post = (message, transfer = []) => self.postMessage(message, { transfer });

self.onmessage = async (/** @type {MessageEvent<Request>} */ { data: request }) => {
  try {
    const result = await answer(request);
    post({ id: request.id, result });
  } catch (error) {
    if (isFatal(error)) crash(error);
    else post({ id: request.id, error: said(error) });
  }
};

// A trap inside a promise of the wasm surfaces here, and that promise never settles.
self.addEventListener("error", (event) => {
  event.preventDefault();
  crash(event.error ?? event.message);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  crash(event.reason);
});

/** @param {Request} request @returns {Promise<unknown>} */
async function answer(request) {
  switch (request.call) {
    case "start": {
      program = await instantiate(request.parts.module, request.parts.glue);
      engine = await program.Engine.start({ device: request.device, speech: request.parts.speech, index: request.parts.index });
      pictures = new program.Pictures(engine);
      return engine.device();
    }
    case "improve":
      return engine.improve(request.speech, request.taught);
    case "listen":
      return listen(request.port, request.sampleRate);
    case "finish":
      return finish();
    case "cancel":
      return hangUp();
    case "search":
      return engine.search(request.clip.samples, request.clip.sampleRate);
    case "frames":
      return engine.frames(request.clip.samples, request.clip.sampleRate);
    case "stages":
      return engine.stages(request.clip.samples, request.clip.sampleRate);
    case "alike":
      return engine.alike(request.picture);
    case "pictures-bring":
      return pictures.bring(request.weights);
    case "pictures-see":
      return see(request.picture, request.title, request.file);
    case "pictures-explain":
      return explain(request.picture, request.file, request.clip);
    case "pictures-add":
      return engine.addPicture(request.picture, request.vector);
    case "pictures-remove":
      return engine.removePicture(request.picture);
    case "teach-start":
      teaching?.free();
      teaching = program.Teaching.start(engine, request.options);
      return;
    case "teach-take":
      return lesson().take(request.role, request.picture, request.clip.samples, request.clip.sampleRate, request.view);
    case "teach-begin":
      return lesson().begin();
    case "teach-step":
      return lesson().step();
    case "teach-examine":
      return lesson().examine();
    case "teach-compare":
      return lesson().compare(request.clip.samples, request.clip.sampleRate, request.count);
    case "teach-result":
      return lesson().taught(request.name, request.made);
    case "teach-end":
      teaching?.free();
      teaching = null;
      return;
    case "taught-read":
      return request.name === null ? program.readTaught(request.file) : program.renameTaught(request.file, request.name);
    case "pack":
      return program.pack([...request.files, { name: "pairs.tsv", bytes: program.writePairs(request.rows) }]);
    case "unpack":
      return program.openZip(request.zip);
    case "read-pairs":
      return program.readPairs(request.table);
    case "wav":
      return program.wav(request.clip.samples, request.clip.sampleRate);
    case "captions":
      return engine.bringCaptions(request.index);
    case "caption":
      return engine.addCaption(request.caption, request.vector);
    case "describe":
      return engine.describe(request.picture, request.count);
    case "experiment-start":
      experiments.get(request.options.loss)?.free();
      experiments.set(request.options.loss, program.Experiment.start(engine, request.options));
      return;
    case "experiment-step":
      return experiment(request.loss).step();
    case "experiment-look":
      return experiment(request.loss).look();
    case "systems-bring":
      systems ??= new program.Systems(engine);
      return systems.bring(request.name, request.weights);
    case "systems-rank":
      return broughtSystems().rank(request.name, request.clip.samples, request.clip.sampleRate);
    case "systems-temporal":
      return broughtSystems().temporal(request.clip.samples, request.clip.sampleRate);
    case "systems-facts":
      return broughtSystems().facts(request.name);
    case "vgg16-begin":
      vgg16 ??= new program.Vgg16(engine);
      return vgg16.begin(request.header, request.size);
    case "vgg16-put":
      return brought().put(request.name, request.bytes);
    case "vgg16-finish":
      return brought().finish();
    case "vgg16-features":
      return brought().features(request.picture);
  }
}

/** @param {string} id @param {string} title @param {File} file @returns {Promise<{ picture: KeptPicture, cut: boolean, warning: Said | null }>} */
async function see(id, title, file) {
  const { cut, ...seen } = await pictures.see(id, title, new Uint8Array(await file.arrayBuffer()));
  /** @type {KeptPicture} */
  const picture = { ...seen, content: await contentOf(file) };
  engine.addPicture(id, picture.vector);
  // What cannot be kept is on the wall all the same.
  const warning = await store.keep("pictures", picture).then(
    async () => ((await store.lasts()) ? null : failure("not-lasting")),
    (error) => error,
  );
  return { picture, cut, warning: warning && said(warning) };
}

/** @param {string} id @param {Blob} file @param {Clip} clip */
async function explain(id, file, { samples, sampleRate }) {
  return pictures.why(engine, id, new Uint8Array(await file.arrayBuffer()), samples, sampleRate);
}

/** A worker that took over from one that crashed has no lesson. */
function lesson() {
  if (!teaching) throw failure("lesson-lost");
  return teaching;
}

/** A worker that took over from one that crashed has no experiment. @param {string} loss */
function experiment(loss) {
  const known = experiments.get(loss);
  if (!known) throw failure("experiment-lost");
  return known;
}

/** A worker that took over from one that crashed has none of the poster's systems. */
function broughtSystems() {
  if (!systems) throw failure("system-lost");
  return systems;
}

/** A worker that took over from one that crashed has nothing of the visitor's files. */
function brought() {
  if (!vgg16) throw failure("vgg16-lost");
  return vgg16;
}

/** @param {MessagePort} port @param {number} sampleRate */
async function listen(port, sampleRate) {
  hangUp();
  // The engine has one live query: a ranking of the last one must not end in this one.
  await ranking;
  engine.listen(sampleRate);
  const query = { port, sampleRate, blocks: [], ranked: 0 };
  live = query;
  port.onmessage = ({ data }) => {
    if (live === query) hear(query, data);
  };
}

/** @param {Live} query @param {Float32Array} block */
function hear(query, block) {
  query.blocks.push(block);
  try {
    const heard = engine.hear(block);
    post({ event: "heard", heard }, [heard.frames.buffer]);
    const due = !ranking && performance.now() - query.ranked >= BETWEEN_RANKINGS;
    if (due && heard.speaking && !heard.ended) ranking = rank(query);
  } catch (error) {
    crash(error);
  }
}

/** @param {Live} query */
async function rank(query) {
  query.ranked = performance.now();
  try {
    const result = await engine.rank();
    if (live === query) post({ event: "ranking", ranking: result });
  } catch (error) {
    // Too little was heard yet; the next ranking will say more.
    if (isFatal(error)) crash(error);
  } finally {
    ranking = null;
  }
}

/** The final ranking and the clip it is of. */
async function finish() {
  const query = live;
  if (!query) return null;
  await new Promise((resolve) => setTimeout(resolve, LAST_BLOCKS));
  await ranking;
  query.port.onmessage = null;
  const clip = clipOf(query);
  // What the engine refuses (no speech, say) can still be played back.
  const outcome = await engine.finish().then(
    (ranking) => ({ ranking }),
    (error) => {
      if (isFatal(error)) throw error;
      return { error: said(error) };
    },
  );
  if (live === query) hangUp();
  return { clip, ...outcome };
}

function hangUp() {
  live?.port.close();
  live = null;
}

/** @param {Live} query @returns {Clip} */
function clipOf({ blocks, sampleRate }) {
  const samples = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    samples.set(block, at);
    at += block.length;
  }
  return { samples, sampleRate };
}

/** Tells the page, once, that this worker is of no more use. @param {unknown} error */
function crash(error) {
  if (crashed) return;
  crashed = true;
  post({ event: "crashed", reason: nameOf(error), clip: live && clipOf(live) });
}

/** Whether the instance is dead: the wasm trapped, or its device is gone. @param {unknown} error */
const isFatal = (error) => error instanceof WebAssembly.RuntimeError || nameOf(error) === "device-lost";

/** @param {unknown} error */
const nameOf = (error) => (error instanceof Error ? error.name : "engine-failed");

/** An error as it crosses to the page. @param {unknown} error @returns {Said} */
function said(error) {
  if (!(error instanceof Error)) return { name: "engine-failed", message: String(error) };
  const { name, message, details } = /** @type {Failure} */ (error);
  return { name, message, details };
}
