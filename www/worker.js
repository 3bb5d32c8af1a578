// The engine's own thread: objects whose methods the page calls, each call one message and each answer another. It hears the
// microphone's blocks in between, and keeps the live clip in plain JavaScript, where no trap in the wasm can reach it.
import { letGo } from "./kit/let-go.js";
import { failure } from "./kit/named.js";
import { instantiate } from "./shell/wasm.js";

/** @import { Failure } from "./kit/named.js" */
/** @import { Call, Clip, Engine, Event, Here, Package, Reply, Said } from "./types.d.ts" */

/** Live rankings start at least this far apart, in milliseconds: four a second, since sound comes in blocks of 30. */
const BETWEEN_RANKINGS = 220;
/** What the worklet sent last is still on its way when the visitor stops, for this many milliseconds. */
const LAST_BLOCKS = 60;

/** @typedef {{ port: MessagePort, sampleRate: number, blocks: Float32Array[], ranked: number }} Live */

/** @type {Package} */
let program;
/** @type {Engine} */
let engine;
/** @type {Live | null} */
let live = null;
/** The live ranking under way. @type {Promise<void> | null} */
let ranking = null;
let crashed = false;

/** What is not the program's own. @type {Here} */
const here = { start, look, make, free, listen, finish, cancel: hangUp };
/** The objects by the names that the page knows them by (`Rooms` in types.d.ts). @type {Record<string, any>} */
const rooms = { here };

/** @param {Reply | Event} message @param {Transferable[]} [transfer] */
const post = (message, transfer = []) => self.postMessage(message, { transfer });

self.onmessage = async (/** @type {MessageEvent<Call>} */ { data: { id, room, method, args } }) => {
  /** @type {unknown[]} */
  let given = [];
  try {
    // A worker that took over from one that crashed has neither.
    if (!rooms[room]) throw failure(room === "lesson" ? "lesson-lost" : "experiment-lost");
    given = await Promise.all(args.map(read));
    post({ id, result: await rooms[room][method](...given) });
  } catch (error) {
    if (isFatal(error)) crash(error);
    else post({ id, error: said(error) });
  } finally {
    // Ten thousand pictures would be gigabytes until somebody collects what is thrown away.
    given.forEach((one, place) => one !== args[place] && one instanceof Uint8Array && letGo(one.buffer));
  }
};

/** A file, as an argument or among options, crosses as it is: its bytes are read here, and kept no longer than they are needed. @param {any} value @returns {Promise<any>} */
async function read(value) {
  if (value instanceof Blob) return new Uint8Array(await value.arrayBuffer());
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([name, one]) => [name, one instanceof Blob ? await read(one) : one])));
}

// A trap inside a promise of the wasm surfaces here, and that promise never settles.
self.addEventListener("error", (event) => {
  event.preventDefault();
  crash(event.error ?? event.message);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  crash(event.reason);
});

/** @type {Here["start"]} */
async function start({ module, glue, helpers }, options) {
  const instance = await instantiate(module, glue);
  program = instance.program;
  if (helpers && program.shareWork) {
    program.shareWork(helpers);
    post({ event: "shares", memory: instance.memory, helpers });
  }
  engine = await program.Engine.start(options);
  Object.assign(rooms, { program, engine, pictures: new program.Pictures(engine), systems: new program.Systems(engine), vgg16: new program.Vgg16(engine) });
  return engine.device();
}

/** @type {Here["look"]} */
async function look({ module, glue }) {
  ({ program } = await instantiate(module, glue));
  rooms.pictures = program.Pictures.withoutEngine();
}

/** @type {Here["make"]} */
async function make(room, kind, options) {
  free(room);
  rooms[room] = await program[kind].start(engine, /** @type {any} */ (options));
}

/** @type {Here["free"]} */
function free(room) {
  rooms[room]?.free();
  delete rooms[room];
}

/** @type {Here["listen"]} */
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

/** The final ranking and the clip it is of. @type {Here["finish"]} */
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
