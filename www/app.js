// The page: its parts, who tells whom, and what the visitor sees of the state that it is in.
import "./shell/standing.js";
import { settle } from "./shell/alarm.js";
import { Compare } from "./compare/compare.js";
import { isSame } from "./kit/content.js";
import { acceptDrops, given } from "./shell/dropped.js";
import { find } from "./kit/element.js";
import { offerExamples } from "./search/examples.js";
import { How } from "./how/how.js";
import { offerLanguages, takeAsked } from "./shell/language.js";
import { loadFile, loadGallery, loadPicture } from "./shell/loading.js";
import { Library } from "./search/library.js";
import { Lookers } from "./photos/lookers.js";
import { keepForOffline } from "./shell/offline.js";
import { acceptPictures } from "./photos/own-choice.js";
import { OwnPictures } from "./photos/own-pictures.js";
import { PictureDialog } from "./search/picture-dialog.js";
import { PictureNetwork } from "./search/picture-network.js";
import { PosterSystems } from "./compare/poster-systems.js";
import { Asking } from "./search/asking.js";
import { Sound } from "./search/sound.js";
import { Speaking } from "./search/speaking.js";
import { showDevice } from "./shell/device-line.js";
import { Machine } from "./shell/machine.js";
import { Running } from "./shell/running.js";
import { Taking } from "./shell/taking.js";
import { Store } from "./kit/store.js";
import { Teach } from "./teach/teach.js";
import { texts } from "./texts.js";
import { offerVgg16 } from "./compare/vgg16.js";
import { onView, view } from "./shell/views.js";
import { Wall } from "./search/wall.js";

/** @import { Given } from "./shell/dropped.js" */
/** @import { Listening } from "./search/speaking.js" */
/** @import { State } from "./shell/machine.js" */
/** @import { Query } from "./search/why.js" */

/** Screen readers are told about a download at most this often, in milliseconds. */
const BETWEEN_STATUS = 1000;
/** So many spoken captions stand beside a photograph. */
const DESCRIBED = 5;

const speakButton = /** @type {HTMLButtonElement} */ (find("speak"));
const playButton = find("play");
const resetButton = find("reset");
const progress = /** @type {HTMLProgressElement} */ (find("progress"));

const store = new Store();
const library = new Library();
const pictureNetwork = new PictureNetwork();
const systems = new PosterSystems();
const sound = new Sound();
/** @type {Machine<Listening>} */
const machine = new Machine(show);
const wall = new Wall(find("wall"), find("beyond"), (picture) => (teach.open ? teach.toggle(picture.id) : pictureDialog.open(picture)));

const running = new Running(machine, {
  live: {
    heard: (block) => speaking.heard(block),
    // The last one may arrive while the final ranking is being made.
    ranking: (ranking) => {
      if (isAsked()) wall.showLive(ranking);
    },
  },
  show: async () => {
    if (wall.isEmpty) wall.fill(await loadGallery());
  },
  progress: showProgress,
  started(engine) {
    wall.lookAhead();
    compare.heard();
    const restored = ownPictures.restore(engine);
    restored.then(() => teach.restore());
  },
  restore: (engine) => ownPictures.restore(engine),
  settled: keepForOffline,
  taught: () => teach.inUse(),
  changed() {
    showDevice(running);
    teach.refresh();
    asking.again();
  },
  failed: () => wall.lookAhead(),
  asking: () => (machine.state === "searching" ? sound.clip : null),
  again: (clip) => machine.whenReady(() => asking.search(clip)),
  quiet: () => view() === "search" && !isTeaching(),
});

const asking = new Asking(machine, running, sound, wall, {
  reveal,
  answered(ranking) {
    if (sound.clip) library.add(sound.clip, ranking)?.catch(() => {});
    showDevice(running, ranking);
    how.heard();
    compare.heard();
  },
});
const speaking = new Speaking(machine, running, sound, {
  reveal,
  answer: (asked) => asking.answer(asked),
  said: (clip) => sound.keep(clip, true),
  rest: () => wall.rest(),
});

const lookers = new Lookers(() => (running.device?.kind === "cpu" ? running.parts : null));
const isAsked = () => machine.state === "listening" || machine.state === "searching";
const ownPictures = new OwnPictures(wall, store, pictureNetwork, lookers, () => running.up, isAsked, (id) => teach.pictureCame(id));
const pictureDialog = new PictureDialog({
  describe: (id) => running.up && library.describe(running.up, id, DESCRIBED),
  titleOf: (id) => wall.title(id),
  alike: (picture, reveal) => asking.alike(picture, reveal),
  isOwn: (id) => ownPictures.has(id),
  remove: removeOwn,
  query,
});

const teach = new Teach(
  {
    ready: () => running.whole,
    use: (file) => running.use(file),
    queries: () => library.own,
    titleOf: (id) => wall.title(id),
    changed: () => wall.mark(view() === "teach" ? (id) => teach.has(id) : null),
  },
  {
    store,
    picture: (id) => wall.picture(id),
    program: () => running.program,
    bring: (file, taken) => ownPictures.bring(file, taken),
    own: (id) => ownPictures.file(id),
    isSame: async (picture, file) => !ownPictures.has(picture.id) && isSame(await loadPicture(picture), file),
    take: (files) => taking.take(files),
  },
);

const taking = new Taking(machine, { asking, speaking, sound }, teach, { pictures: ownPictures, add: addPictures });

const how = new How({
  clip: () => sound.clip,
  engine: () => running.up,
  picture: (id) => wall.picture(id),
  async temporal(asked, { samples, sampleRate }, onProgress) {
    await systems.bringTo(asked, "p2", onProgress);
    return asked.systems.temporal(samples, sampleRate);
  },
});

const compare = new Compare({
  engine: () => running.up,
  answered: () => asking.answered,
  picture: (id) => wall.picture(id),
  systems,
  pairs: (asked) => library.pairs(asked),
});

// ── What the visitor sees

/** @param {State} state @param {string} status */
function show(state, status) {
  document.body.dataset.state = state;
  find("status").textContent = status;
  const isBusy = state === "listening" || state === "searching";
  speakButton.disabled = state !== "ready" && state !== "listening";
  find("speak-label").textContent = state === "listening" ? texts.stop : texts.speak;
  find("wall").ariaBusy = String(isBusy);
  playButton.hidden = sound.clip === null || state === "listening";
  resetButton.hidden = !wall.ranked || isBusy;
  if (state !== "listening") speakButton.style.removeProperty("--level");
  if (state === "preparing") progress.removeAttribute("value");
  if (state === "ready") pictureDialog.describe();
  teach.refresh();
}

/** Brings the place where something is about to happen into sight: the panel above the wall, or the wall beside it. */
function reveal() {
  const place = matchMedia("(min-width: 60rem)").matches ? find("wall") : find("panel");
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  if (place === find("panel") || place.getBoundingClientRect().top < 0) place.scrollIntoView({ block: "start", behavior });
}

let told = 0;

/** @param {number} loaded @param {number} total in bytes */
function showProgress(loaded, total) {
  progress.max = Math.max(1, total);
  progress.value = loaded;
  if (machine.state !== "loading" || performance.now() - told < BETWEEN_STATUS) return;
  told = performance.now();
  find("status").textContent = texts.downloading(loaded, total);
}

/** Whether a lesson is under way, or its outcome not yet decided on. */
const isTeaching = () => (document.body.dataset.teaching ?? "rest") !== "rest";

// ── What a photograph is asked, and the visitor's own

/** What was said last, if a photograph can be asked about it. @returns {Query | null} */
function query() {
  const [clip, engine] = [sound.clip, running.engine];
  if (!clip || !engine || machine.state !== "ready") return null;
  return {
    clip,
    frames: () => engine.core.frames(clip.samples, clip.sampleRate),
    explain: async (picture, onProgress) => {
      await pictureNetwork.bringTo(engine, onProgress);
      return engine.pictures.why(picture.id, (await ownPictures.file(picture.id)) ?? (await loadPicture(picture)), clip.samples, clip.sampleRate);
    },
  };
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

/** @param {Given[]} files */
function addPictures(files) {
  if (wall.ranked && machine.state === "ready") wall.rest();
  ownPictures.add(files);
  /** @type {HTMLDetailsElement} */ (find("own")).open = true;
  find("own").scrollIntoView({ block: "nearest" });
}

// ── Wiring

speakButton.addEventListener("click", () => speaking.press());
resetButton.addEventListener("click", () => {
  settle();
  wall.rest();
  machine.say(texts.readyAgain);
  speakButton.focus({ preventScroll: true });
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") speaking.cancel();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden && machine.state === "listening") speaking.finish();
});
// A page that the browser keeps to come back to has let go of everything.
addEventListener("pagehide", () => speaking.cancel());
onView((now) => {
  if (now === "teach") speaking.cancel();
});
acceptDrops((files) => taking.take(files));
const sounds = /** @type {HTMLInputElement} */ (find("file"));
find("choose").addEventListener("click", () => sounds.click());
sounds.addEventListener("change", () => {
  const chosen = given(sounds.files ?? []);
  // The same file may be chosen again.
  sounds.value = "";
  taking.take(chosen);
});
acceptPictures(ownPictures, addPictures, clearOwn);
offerVgg16(() => (machine.state === "ready" && running.engine && running.device ? { engine: running.engine, device: running.device.name } : null));
offerExamples(find("examples"), find("example-list"), (url) => taking.open([() => loadFile(url, texts.files.example)]));
offerLanguages(store, isTeaching, () => sound.clip && { clip: sound.clip, spoken: sound.spoken });
const asked = takeAsked();
if (asked) asking.whenReady(asked.clip, asked.spoken);

running.load();
