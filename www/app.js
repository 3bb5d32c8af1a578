// The page: what state it is in, and who is told when that changes.
import "./standing.js";
import { add, complain, complainOf, settle } from "./alarm.js";
import { Compare } from "./compare.js";
import { acceptDrops, filesOf, given, namesOf, sorted } from "./dropped.js";
import { EngineClient } from "./engine.js";
import { offerExamples } from "./examples.js";
import { isSame } from "./content.js";
import { find } from "./element.js";
import { failure, sentence } from "./failure.js";
import { graphics, tryGraphics } from "./gpu.js";
import { How } from "./how.js";
import { offerLanguages, takeAsked } from "./language.js";
import { loadFile, loadGallery, loadParts, loadPicture, loadWhole } from "./loading.js";
import { Library } from "./library.js";
import { Lookers } from "./lookers.js";
import { keepForOffline } from "./offline.js";
import { OpenMicrophone, whyNone } from "./microphone.js";
import { acceptPictures } from "./own-choice.js";
import { OwnPictures } from "./own-pictures.js";
import { PictureDialog } from "./picture-dialog.js";
import { PictureNetwork } from "./picture-network.js";
import { Player } from "./player.js";
import { PosterSystems } from "./poster-systems.js";
import { decode } from "./sound-files.js";
import { Spectrogram } from "./spectrogram.js";
import { Store } from "./store.js";
import { Teach } from "./teach.js";
import { texts } from "./texts.js";
import { offerVgg16 } from "./vgg16.js";
import { goTo, onView, view } from "./views.js";
import { Wall } from "./wall.js";
import { hasSimd, hasWebAssembly, instantiate } from "./wasm.js";

/** @import { Clip, Device, DeviceReport, Heard, Package, Parts, Picture, Ranking } from "./types.d.ts" */
/** @import { Answered } from "./compare.js" */
/** @import { Started } from "./gpu.js" */
/** @import { Query } from "./why.js" */
/** @typedef {"loading" | "preparing" | "ready" | "listening" | "searching" | "failed"} State */
/** @import { Given } from "./dropped.js" */
/** @import { Failure } from "./named.js" */
/** @typedef {{ microphone: OpenMicrophone, isOpen: boolean, spoken: boolean }} Listening until the visitor has allowed it, it is not open */

/** Screen readers are told about a download at most this often, in milliseconds. */
const BETWEEN_STATUS = 1000;
/** So many spoken captions stand beside a photograph. */
const DESCRIBED = 5;
/** Milliseconds until a better engine asks again whether it may take over. */
const BETWEEN_TRIES = 500;
/** How often the engine may be restarted without a single answer in between. */
const RESTARTS = 2;

const speakButton = /** @type {HTMLButtonElement} */ (find("speak"));
const playButton = find("play");
const resetButton = find("reset");
const progress = /** @type {HTMLProgressElement} */ (find("progress"));
const secondsHeard = find("seconds");

const store = new Store();
const wall = new Wall(find("wall"), find("beyond"), (picture) => (teach.open ? teach.toggle(picture.id) : pictureDialog.open(picture)));
const library = new Library();
const pictureNetwork = new PictureNetwork();
const systems = new PosterSystems();
/** They see no less with the small speech network, which they do not use. */
const lookers = new Lookers(() => (parts && first && device?.kind === "cpu" ? { ...parts, speech: first } : null));
const isAsked = () => state === "listening" || state === "searching";
const ownPictures = new OwnPictures(wall, store, pictureNetwork, lookers, () => (isUp() ? engine : null), isAsked, (id) => teach.pictureCame(id));
const pictureDialog = new PictureDialog({
  describe: (id) => (engine && isUp() ? library.describe(engine, id, DESCRIBED) : null),
  titleOf: (id) => wall.title(id),
  alike: showAlike,
  isOwn: (id) => ownPictures.has(id),
  remove: removeOwn,
  query,
});
/** The engine with the whole network's weights, as they came. */
const whole = () => (engine && program && parts?.isWhole && isUp() ? { engine, program, speech: parts.speech } : null);
const spectrogram = new Spectrogram(/** @type {HTMLCanvasElement} */ (find("spectrogram")));
const player = new Player((playing) => {
  playButton.textContent = playing ? texts.pause : playLabel;
});

const teach = new Teach(
  {
    ready: whole,
    use: useTaught,
    queries: () => library.own,
    titleOf: (id) => wall.title(id),
    changed: () => wall.mark(view() === "teach" ? (id) => teach.has(id) : null),
  },
  {
    store,
    picture: (id) => wall.picture(id),
    program: () => program,
    bring: (file, taken) => ownPictures.bring(file, taken),
    own: (id) => ownPictures.file(id),
    isSame: async (picture, file) => !ownPictures.has(picture.id) && isSame(await loadPicture(picture), file),
    take,
  },
);

/** @type {State} */
let state = "loading";
/** @type {Parts | null} */
let parts = null;
/** The speech network that was here first. @type {Blob | null} */
let first = null;
/** @type {Package | null} */
let program = null;
/** @type {EngineClient | null} */
let engine = null;
/** @type {DeviceReport | null} */
let device = null;
/** @type {Listening | null} */
let listening = null;
/** What can be played, and is searched with again when the engine is lost. @type {Clip | null} */
let clip = null;
/** A sound that came before the engine could take it. @type {(() => void) | null} */
let next = null;
let playLabel = texts.play;
let restarts = 0;
let lessonRestored = false;
/** Name of what was taught to the network that answers; empty when it answers as it came. */
let taught = "";
/** The clip that only the student has heard. @type {Clip | null} */
let byStudent = null;
/** The last answer, what it answers, and what was taught to the network that gave it. @type {Answered | null} */
let answered = null;

const how = new How({
  clip: () => clip,
  engine: () => (isUp() ? engine : null),
  picture: (id) => wall.picture(id),
  async temporal(asked, sound, onProgress) {
    await systems.bringTo(asked, "p2", onProgress);
    return asked.systems.temporal(sound.samples, sound.sampleRate);
  },
});

const compare = new Compare({
  engine: () => (isUp() ? engine : null),
  answered: () => answered,
  picture: (id) => wall.picture(id),
  systems,
  pairs: (asked) => library.pairs(asked),
});

// ── What the visitor sees

/** @param {State} to @param {string} status */
function setState(to, status) {
  state = document.body.dataset.state = to;
  find("status").textContent = status;
  speakButton.disabled = to !== "ready" && to !== "listening";
  find("speak-label").textContent = to === "listening" ? texts.stop : texts.speak;
  find("wall").ariaBusy = String(to === "listening" || to === "searching");
  playButton.hidden = clip === null || to === "listening";
  resetButton.hidden = !wall.ranked || to === "listening" || to === "searching";
  if (to !== "listening") speakButton.style.removeProperty("--level");
  if (to === "preparing") progress.removeAttribute("value");
  if (to === "ready") pictureDialog.describe();
  teach.refresh();
  if (to === "ready" && next) {
    const waiting = next;
    next = null;
    waiting();
  }
}

/** Whether the engine answers. */
function isUp() {
  return state === "ready" || state === "listening" || state === "searching";
}

/** Brings the place where something is about to happen into sight: the panel above the wall, or the wall beside it. */
function reveal() {
  const place = matchMedia("(min-width: 60rem)").matches ? find("wall") : find("panel");
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  if (place === find("panel") || place.getBoundingClientRect().top < 0) place.scrollIntoView({ block: "start", behavior });
}

/** @param {Ranking} [ranking] */
function showDevice(ranking) {
  if (!device) return;
  document.body.dataset.device = device.kind;
  find("device").textContent = texts.device(device.name, ranking?.milliseconds);
  const { why, measured } = device;
  if (measured) find("device").append(` ${texts.devicesMeasured(measured.gpu, measured.cpu)}`);
  else if (why === "software" || why === "differs" || why === "late") find("device").append(` ${texts.devicesTried[why]}`);
  document.body.dataset.network = parts?.isWhole ? "whole" : "student";
  if (taught) find("device").append(` ${texts.teach.inUse(taught)}`);
  if (!parts?.isWhole) find("device").append(` ${texts.student(arriving.loaded, arriving.total)}`);
}

// ── Loading

/** Nothing waits for what could come at the same time: the list of pictures, the worker's own modules, the engine's parts. */
async function load() {
  setState("loading", texts.starting);
  spare ??= new EngineClient(listeners);
  const shown = showGallery();
  try {
    if (!hasWebAssembly()) throw failure("not-supported", texts.errors.noWebAssembly);
    if (!hasSimd()) throw failure("not-supported", texts.errors.noSimd);
    [parts] = await Promise.all([loadParts(chosenDevice() === "gpu" ? "gpu" : "cpu", showProgress), shown]);
    first = parts.speech;
    await start(chosenDevice());
  } catch (error) {
    shown.catch(() => {});
    failToStart(error);
  }
}

async function showGallery() {
  if (wall.isEmpty) wall.fill(await loadGallery());
}

/** How much of the whole network has arrived, in bytes. */
const arriving = { loaded: 0, total: 0 };

/** The whole network takes over from the student, with what the visitor taught it. */
async function improve() {
  const improving = engine;
  if (!parts || !improving) return;
  try {
    const version = await teach.inUse();
    if (parts.isWhole && !version) return;
    const speech = parts.isWhole ? parts.speech : await loadWhole((loaded, total) => Object.assign(arriving, { loaded, total }));
    // What was taught to another network stays in its list, and this one answers as it came.
    const fits = await improving.core.improve(speech, version?.file ?? null).then(
      () => true,
      (error) => {
        if (!error.name.startsWith("bad-taught")) throw error;
        complain(sentence(error, texts.errors.unknown));
        return improving.core.improve(speech, null).then(() => false);
      },
    );
    taught = fits ? (version?.about.name ?? "") : "";
    parts = { ...parts, speech, isWhole: true };
    teach.refresh();
    askAgain();
    showDevice();
  } catch (error) {
    // Of a crash is told where it was noticed.
    if (error instanceof Error && error.name === "engine-crashed") return;
    complain(texts.errors.whole(sentence(error, texts.errors.unknown)), { label: texts.retry, act: improve });
  }
}

/** Has the engine answer with something taught, or as it came. @param {Uint8Array | null} file */
async function useTaught(file) {
  const ready = whole();
  if (!ready) throw failure("engine-failed", texts.teach.notReady);
  const name = file ? (await ready.engine.program.readTaught(file)).about.name : "";
  await ready.engine.core.improve(ready.speech, file);
  taught = name;
  showDevice();
}

let spoken = 0;

/** @param {number} loaded @param {number} total in bytes */
function showProgress(loaded, total) {
  progress.max = Math.max(1, total);
  progress.value = loaded;
  if (state !== "loading" || performance.now() - spoken < BETWEEN_STATUS) return;
  spoken = performance.now();
  find("status").textContent = texts.downloading(loaded, total);
}

/** For developers: `?debug` lists the pictures farthest from each clip in the console. */
const isDebugged = new URLSearchParams(location.search).has("debug");

/** @returns {Device} */
function chosenDevice() {
  const asked = new URLSearchParams(location.search).get("device");
  return asked === "cpu" || asked === "gpu" ? asked : "auto";
}

const listeners = { heard, ranking: rankedLive, crashed };
/** A worker that waits for the engine's parts. @type {EngineClient | null} */
let spare = null;

/** Starts a worker and its engine. @param {Device} on */
async function start(on) {
  if (!parts) return;
  setState("preparing", texts.preparing);
  engine?.end();
  const starting = spare ?? new EngineClient(listeners);
  spare = null;
  engine = starting;
  [device, program] = await Promise.all([starting.start(on, parts), program ?? instantiate(parts.module, parts.glue)]);
  if (engine !== starting) return;
  showDevice();
  setState("ready", whyNone() ? texts.readyWithoutMicrophone : texts.ready);
  wall.lookAhead();
  compare.heard();
  const restored = ownPictures.restore(starting);
  if (!lessonRestored) restored.then(() => teach.restore());
  lessonRestored = true;
  improve().then(() => {
    keepForOffline();
    behind();
  });
}

/** The graphics processor was looked for already. */
let looked = false;
/** An engine on the graphics processor that waits until nothing is asked. @type {Started | null} */
let better = null;

/** Tries the graphics processor behind the visitor's back, where it was left to the page. */
async function behind() {
  if (looked || chosenDevice() !== "auto" || !parts?.isWhole) return;
  looked = true;
  const found = await graphics();
  // What fails here costs nothing: the processor goes on.
  const tried = found === "hardware" ? await tryGraphics(parts, listeners).catch(() => null) : null;
  if (tried?.device.kind === "gpu") {
    better = tried;
    return takeOver();
  }
  tried?.engine.end();
  if (!device) return;
  if (tried) device = { ...device, why: tried.device.why, measured: tried.device.measured };
  else if (found !== "hardware") device = { ...device, why: found };
  showDevice();
}

/** The better engine takes the place of the one that answers, once nothing is asked, and no lesson or experiment under way. */
async function takeOver() {
  if (!better) return;
  if (!engine?.idle || state !== "ready" || view() !== "search" || (document.body.dataset.teaching ?? "rest") !== "rest") {
    setTimeout(takeOver, BETWEEN_TRIES);
    return;
  }
  engine.end();
  ({ engine, device, parts } = better);
  better = null;
  showDevice();
  await ownPictures.restore(engine);
  await improve();
}

/** @param {unknown} error */
function failToStart(error) {
  // The crash has been dealt with where it was noticed.
  if (error instanceof Error && error.name === "engine-crashed") return;
  setState("failed", texts.failed);
  wall.lookAhead();
  const message = sentence(error, texts.errors.program);
  if (error instanceof Error && error.name === "not-supported") complain(message);
  else if (error instanceof Error && error.name === "no-gpu") complain(message, { label: texts.useProcessor, act: () => start("cpu").catch(failToStart) });
  else complain(message, { label: texts.retry, act: load });
}

/** The engine is gone: a new one on the processor takes over, with what was being asked. @param {string} reason @param {Clip | null} heardSoFar @param {EngineClient} which */
async function crashed(reason, heardSoFar, which) {
  // One that is only tried, or waits, is missed by nobody.
  if (which === better?.engine) better = null;
  if (which === spare) spare = null;
  if (which !== engine) return;
  const lost = heardSoFar ?? (state === "searching" ? clip : null);
  closeMicrophone();
  if (++restarts > RESTARTS) {
    restarts = 0;
    setState("failed", texts.failed);
    return complain(texts.errors.crashedAgain, { label: texts.retry, act: load });
  }
  complain(reason === "device-lost" ? texts.errors.deviceLost : texts.errors.crashed);
  try {
    if (lost) next = () => search(lost);
    await start("cpu");
  } catch (error) {
    failToStart(error);
  }
}

// ── Speaking

async function speak() {
  if (state === "listening") return finish();
  if (state !== "ready" || !program || !engine) return;
  settle();
  player.stop();
  const impossible = whyNone();
  if (impossible) return complainOf(impossible, texts.errors.unknown);
  const microphone = new OpenMicrophone({
    late: () => complain(texts.errors.late),
    muted: (muted) => (muted ? complainOf(microphone.trouble, texts.errors.unknown) : settle()),
    gone: (why) => lose(mine, why),
    // Nobody is to be heard without a Stop in sight.
    seen: () => speakButton.offsetParent !== null,
    unseen: () => cancel(),
  });
  const mine = { microphone, isOpen: false, spoken: false };
  listening = mine;
  setState("listening", texts.permission);
  try {
    const port = await microphone.open(program);
    if (!port || listening !== mine) return;
    mine.isOpen = true;
    settle();
    await engine.here.listen(port, microphone.sampleRate);
    if (listening !== mine) return;
    find("hint").hidden = true;
    secondsHeard.hidden = false;
    spectrogram.listen();
    reveal();
    setState("listening", texts.listening);
  } catch (error) {
    if (listening !== mine) return;
    closeMicrophone();
    setState("ready", texts.readyAgain);
    complainOf(error, texts.errors.unknown);
  }
}

/** The microphone is gone: what was said until then is searched with. @param {Listening} mine @param {Failure} why */
function lose(mine, why) {
  if (listening !== mine) return;
  if (mine.spoken) finish(why);
  else cancel(texts.readyAgain);
  complainOf(why, texts.errors.unknown);
}

/** @param {Heard} block */
function heard(block) {
  if (!listening) return;
  listening.spoken ||= block.speaking;
  spectrogram.add(block.frames);
  speakButton.style.setProperty("--level", Math.min(1, Math.max(0, (block.level + 60) / 50)).toFixed(2));
  secondsHeard.textContent = texts.seconds(block.seconds);
  if (block.ended) finish();
}

/** @param {Ranking} ranking */
function rankedLive(ranking) {
  // The last one may arrive while the final ranking is being made.
  if (state === "listening" || state === "searching") wall.showLive(ranking);
}

/** Closes the microphone for good. */
function closeMicrophone() {
  listening?.microphone.close();
  listening = null;
  spectrogram.rest();
}

/** @param {Failure | null} [why] the microphone may be the reason that no speech was heard */
async function finish(why = listening?.microphone.trouble) {
  const wasOpen = listening?.isOpen;
  closeMicrophone();
  if (!wasOpen || !engine) {
    settle();
    return setState("ready", texts.cancelled);
  }
  setState("searching", texts.searching);
  await answer(engine.here.finish().then((finished) => {
    if (!finished) throw failure("engine-failed", texts.errors.unknown);
    remember(finished.clip, texts.play);
    if (finished.ranking) return finished.ranking;
    if (why && finished.error?.name === "no-speech") throw why;
    throw failure(finished.error?.name ?? "", finished.error?.message ?? "", finished.error?.details);
  }));
}

/** @param {string} status */
function cancel(status = texts.cancelled) {
  if (!listening) return;
  closeMicrophone();
  engine?.here.cancel().catch(() => {});
  wall.rest();
  spectrogram.empty();
  secondsHeard.hidden = true;
  find("hint").hidden = false;
  setState("ready", status);
}

// ── Answers

/** @param {Promise<Ranking>} asked */
async function answer(asked) {
  const student = !parts?.isWhole;
  const ids = engine?.ids ?? [];
  try {
    const ranking = await asked;
    restarts = 0;
    byStudent = student ? clip : null;
    if (clip) library.add(clip, ranking)?.catch(() => {});
    const titles = wall.showFinal(ranking, ids, 3);
    showDevice(ranking);
    // The student is often wrong, and how sure it is was never measured.
    const said = ranking.sure && parts?.isWhole ? texts.found(titles) : texts.unsure(titles);
    setState("ready", wall.foundNothing ? texts.wallNothing : said);
    answered = clip && { clip, ranking, taught };
    if (clip && engine && isDebugged) console.table(await engine.core.farthest(clip.samples, clip.sampleRate, 10));
    how.heard();
    compare.heard();
    askAgain();
  } catch (error) {
    if (error instanceof Error && error.name === "engine-crashed") return;
    wall.rest();
    setState("ready", texts.readyAgain);
    complain(sentence(error, texts.errors.unknown));
  }
}

/** What only the student has heard is asked again as soon as the whole network answers. */
function askAgain() {
  if (!byStudent || byStudent !== clip || !parts?.isWhole || !engine || state !== "ready" || !wall.ranked) return;
  setState("searching", texts.searching);
  answer(engine.core.search(byStudent.samples, byStudent.sampleRate));
}

/** What was said last, if a photograph can be asked about it. @returns {Query | null} */
function query() {
  const [asked, asking] = [clip, engine];
  if (!asked || !asking || state !== "ready") return null;
  return {
    clip: asked,
    frames: () => asking.core.frames(asked.samples, asked.sampleRate),
    explain: async (picture, onProgress) => {
      await pictureNetwork.bringTo(asking, onProgress);
      return asking.pictures.why(picture.id, (await ownPictures.file(picture.id)) ?? (await loadPicture(picture)), asked.samples, asked.sampleRate);
    },
  };
}

/** @param {Picture} picture */
async function showAlike(picture) {
  if (!engine || state !== "ready") return;
  settle();
  try {
    const ranking = await engine.core.alike(picture.id);
    byStudent = null;
    // The first is the photograph itself.
    const [, ...titles] = wall.showFinal(ranking, engine.ids, 4);
    setState("ready", texts.alike(picture.title, titles));
    find("wall").scrollIntoView({ block: "start", behavior: "instant" });
  } catch (error) {
    complain(sentence(error, texts.errors.unknown));
  }
}

/** @param {Clip} sound @param {string} label of the button that plays it */
function remember(sound, label) {
  clip = sound;
  playLabel = label;
  playButton.textContent = label;
}

/** @param {Clip} sound */
async function search(sound) {
  if (!engine) return;
  setState("searching", texts.searching);
  reveal();
  const { core } = engine;
  const { samples, sampleRate } = sound;
  await answer(core.frames(samples, sampleRate).then((frames) => {
    find("hint").hidden = true;
    secondsHeard.hidden = false;
    secondsHeard.textContent = texts.seconds(samples.length / sampleRate);
    spectrogram.whole(frames);
    return core.search(samples, sampleRate);
  }));
}

/** The first of some sounds that can be read, at once or as soon as the engine is ready. @param {(() => Promise<Blob>)[]} sounds @param {string[]} [names] */
async function open(sounds, names = []) {
  // What to do first stands there already.
  if (state === "failed") return;
  settle();
  player.stop();
  cancel();
  for (const [place, get] of sounds.entries()) {
    try {
      const sound = await decode(await get());
      const go = () => {
        remember(sound, texts.playFile);
        search(sound);
      };
      const left = names.slice(place + 1);
      if (left.length) add(texts.dropped.oneSound(names[place] ?? "", left));
      if (state === "ready") return go();
      next = go;
      if (state === "loading" || state === "preparing") find("status").textContent = texts.waiting;
      return;
    } catch (error) {
      const why = sentence(error, texts.errors.unreadable);
      add(sounds.length > 1 ? texts.own.leftOut(names[place] ?? "", why) : why);
    }
  }
}

/** What was dropped or chosen goes where it belongs, whichever view is in sight. @param {Given[]} files */
async function take(files) {
  const { sound, picture, zip, table, taught: lessons, index, other } = await sorted(files);
  const withTable = table.length ? [...table, ...sound, ...picture] : [];
  if (zip.length || table.length || lessons.length) goTo("teach");
  else if (picture.length && view() !== "teach") goTo("search");
  const free = table.length ? [] : sound;
  if (free.length && view() === "teach") {
    settle();
    add(texts.dropped.whichPicture(namesOf(free)));
  } else if (free.length) open(free.map(({ file }) => async () => file), namesOf(free));
  else settle();
  if (other.length) add(texts.dropped.leftOut(namesOf(other)));
  if (picture.length && !table.length) addPictures(picture);
  if (index.length) await ownPictures.unpack(filesOf(index));
  for (const { file } of lessons) await teach.openFile(file);
  if (zip.length || table.length) await teach.import([...zip, ...withTable]);
}

/** One of the visitor's own pictures, with what was recorded for it. @param {string} id */
async function removeOwn(id) {
  const recordings = teach.recordingsOf(id);
  if (recordings.length && !confirm(texts.own.removeSure(wall.title(id), recordings.length))) return;
  if (await ownPictures.remove(id, recordings)) teach.forget(id);
}

/** All of the visitor's own pictures, with what was recorded for them. */
async function clearOwn() {
  const { ids } = ownPictures;
  const recordings = ids.flatMap((id) => teach.recordingsOf(id));
  if (!confirm(texts.own.clearSure(ids.length, recordings.length))) return;
  if (await ownPictures.clear(recordings)) for (const id of ids) teach.forget(id);
}

// ── Wiring

speakButton.addEventListener("click", speak);
playButton.addEventListener("click", () => {
  if (player.playing) player.stop();
  else if (clip) player.play(clip);
});
resetButton.addEventListener("click", () => {
  settle();
  wall.rest();
  setState(state, texts.readyAgain);
  speakButton.focus({ preventScroll: true });
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") cancel();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && listening) finish();
});
// A page that the browser keeps to come back to has let go of everything.
addEventListener("pagehide", () => cancel());
onView((now) => {
  if (now === "teach") cancel();
});
acceptDrops(take);
const sounds = /** @type {HTMLInputElement} */ (find("file"));
find("choose").addEventListener("click", () => sounds.click());
sounds.addEventListener("change", () => {
  const chosen = given(sounds.files ?? []);
  // The same file may be chosen again.
  sounds.value = "";
  take(chosen);
});
acceptPictures(ownPictures, addPictures, clearOwn);
offerVgg16(() => (state === "ready" && engine && device ? { engine, device: device.name } : null));
offerExamples(find("examples"), find("example-list"), (url) => open([() => loadFile(url, texts.files.example)]));
offerLanguages(
  store,
  () => (document.body.dataset.teaching ?? "rest") !== "rest",
  () => clip && { clip, spoken: playLabel === texts.play },
);
const asked = takeAsked();
if (asked) {
  next = () => {
    remember(asked.clip, asked.spoken ? texts.play : texts.playFile);
    search(asked.clip);
  };
}

/** @param {Given[]} files */
function addPictures(files) {
  if (wall.ranked && state === "ready") wall.rest();
  ownPictures.add(files);
  /** @type {HTMLDetailsElement} */ (find("own")).open = true;
  find("own").scrollIntoView({ block: "nearest" });
}

load();
