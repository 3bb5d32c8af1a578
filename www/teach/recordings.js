// The visitor's recordings: a card for each picture of the lesson, kept in IndexedDB at once, and carried in a zip.
import { given, namesOf, sorted } from "../shell/dropped.js";
import { element, find, save } from "../kit/element.js";
import { failure, sentence } from "../kit/failure.js";
import { say } from "../shell/frame.js";
import { askToLast, forgetsInAWeek } from "../kit/lasting.js";
import { packLesson, readLesson } from "./lesson-archive.js";
import { LessonCard } from "./lesson-card.js";
import { baseOf } from "../kit/paths.js";
import { Player } from "../search/player.js";
import { Recorder } from "./recorder.js";
import { decode } from "../shell/sound-files.js";
import { newId } from "../kit/store.js";
import { texts } from "../texts.js";

/** @import { Given } from "../shell/dropped.js" */
/** @import { Failure } from "../kit/named.js" */
/** @import { EngineClient } from "../shell/engine.js" */
/** @import { Taken } from "./lesson.js" */
/** @import { Found } from "./lesson-archive.js" */
/** @import { Store } from "../kit/store.js" */
/** @import { Clip, Package, Picture } from "../types.d.ts" */
/** @typedef {{ id: string, picture: string, samples: Int16Array, sampleRate: number }} Recording */
/**
 * @typedef {object} Surroundings
 * @property {Store} store
 * @property {(id: string) => Picture | null} picture of the wall
 * @property {() => Package | null} program
 * @property {() => EngineClient | null} engine that can be asked just now
 * @property {(file: File, taken: Set<string>) => Promise<string>} bring a picture onto the wall, unless it is there; gives its id
 * @property {(id: string) => Promise<Blob | null>} own the file of one of the visitor's own pictures
 * @property {(picture: Picture, file: Blob) => Promise<boolean>} isSame whether a picture of the gallery is this file
 * @property {(files: Given[]) => void} take what is no sound and was dropped on a card
 * @property {() => void} changed
 */

/** Recordings of a picture from which on the newest is held out to measure by. */
const ENOUGH = 3;
/** So many problems of an import are told. */
const TOLD = 3;

const status = find("lesson-status");

export class Recordings {
  #store;
  #surroundings;
  /** Of each picture of the lesson, oldest first. @type {Map<string, Recording[]>} */
  #recordings = new Map();
  /** @type {Map<string, LessonCard>} */
  #cards = new Map();
  /** @type {{ recorder: Recorder, card: LessonCard, picture: string, instead: string | null } | null} */
  #running = null;
  #player = new Player((playing) => {
    if (!playing) for (const card of this.#cards.values()) card.quiet();
  });
  /** What came before the network was ready. @type {Given[]} */
  #waiting = [];
  #restored = false;
  /** One look at what is kept at a time. @type {Promise<void>} */
  #looking = Promise.resolve();
  #week = false;

  /** @param {Surroundings} surroundings */
  constructor(surroundings) {
    this.#surroundings = surroundings;
    this.#store = surroundings.store;
    this.#store.onChange((kind) => {
      if (kind === "recordings") this.#looking = this.#looking.then(() => this.#look());
    });
    find("lesson-export").addEventListener("click", () => this.#export());
    find("lesson-clear").addEventListener("click", () => this.#clear());
    for (const kind of ["files", "folder"]) {
      const input = /** @type {HTMLInputElement} */ (find(`lesson-${kind}-input`));
      find(`lesson-${kind}`).addEventListener("click", () => input.click());
      // Some telephones know no folders.
      find(`lesson-${kind}`).hidden = kind === "folder" && !("webkitdirectory" in input);
      input.addEventListener("change", () => {
        const files = given(input.files ?? []);
        input.value = "";
        if (files.length) this.import(files);
      });
    }
  }

  /** Brings back what is kept; the visitor's own pictures must be on the wall by then. */
  async restore() {
    if (this.#restored) return;
    this.#restored = true;
    this.#week = await forgetsInAWeek();
    await (this.#looking = this.#looking.then(() => this.#look()));
    this.#goOn();
  }

  /** What is kept is what is shown: another tab may have recorded or deleted, or the visitor cleared the site's data. */
  async #look() {
    if (!this.#restored) return;
    try {
      const ids = await this.#store.ids("recordings");
      if (!ids) return this.#tell();
      const there = new Set(ids);
      const known = new Set([...this.#recordings.values()].flat().map(({ id }) => id));
      const changed = new Set();
      for (const [picture, list] of this.#recordings) {
        const left = list.filter(({ id }) => there.has(id));
        if (left.length === list.length) continue;
        this.#recordings.set(picture, left);
        changed.add(picture);
      }
      const fresh = ids.filter((id) => !known.has(id));
      const found = fresh.length === ids.length ? await this.#store.all("recordings") : await Promise.all(fresh.map((id) => this.#store.one("recordings", id)));
      for (const recording of /** @type {(Recording | undefined)[]} */ (found)) {
        if (!recording || this.#list(recording.picture).some(({ id }) => id === recording.id)) continue;
        this.#list(recording.picture).push(recording);
        changed.add(recording.picture);
      }
      for (const picture of changed) {
        this.#list(picture).sort((one, other) => (one.id < other.id ? -1 : 1));
        this.#show(picture);
      }
      this.#tell();
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }

  /** The network became ready, perhaps. */
  refresh() {
    this.#goOn();
  }

  #goOn() {
    if (!this.#waiting.length || !this.#restored || !this.#surroundings.engine()) return;
    const files = this.#waiting;
    this.#waiting = [];
    this.import(files);
  }

  /** Ids of what was recorded for a picture. @param {string} picture */
  of(picture) {
    return (this.#recordings.get(picture) ?? []).map(({ id }) => id);
  }

  /** A picture is on the wall: its recordings may have come first. @param {string} picture */
  pictureCame(picture) {
    if (!this.#cards.has(picture)) return;
    this.#cards.get(picture)?.item.remove();
    this.#cards.delete(picture);
    this.#show(picture);
  }

  /** A picture is gone, and its recordings with it. @param {string} picture */
  forget(picture) {
    if (this.#running?.picture === picture) this.leave();
    this.#drop(picture);
    this.#tell();
  }

  /** Whether a picture is in the lesson. @param {string} id */
  has(id) {
    return this.#recordings.has(id);
  }

  /** Takes a picture into the lesson, or out of it while nothing is recorded. @param {string} id */
  toggle(id) {
    const recordings = this.#recordings.get(id);
    if (recordings?.length) {
      this.#cards.get(id)?.item.scrollIntoView({ block: "nearest" });
      status.textContent = texts.teach.hasRecordings;
      return;
    }
    if (recordings) this.#drop(id);
    else {
      this.#list(id);
      this.#show(id);
    }
    this.#tell();
  }

  /** What can be learned: the newest of many recordings of a picture is only measured by. @returns {Taken[]} */
  taken() {
    const known = [...this.#recordings].filter(([id]) => this.#surroundings.picture(id));
    return known.flatMap(([picture, recordings]) =>
      recordings.map((recording, place) => ({ picture, clip: () => clipOf(recording), held: recordings.length >= ENOUGH && place === recordings.length - 1 })),
    );
  }

  /** @param {string} id */
  #list(id) {
    const list = this.#recordings.get(id) ?? [];
    this.#recordings.set(id, list);
    return list;
  }

  /** @param {string} id */
  #drop(id) {
    this.#recordings.delete(id);
    this.#cards.get(id)?.item.remove();
    this.#cards.delete(id);
  }

  // ── Cards

  /** @param {string} id */
  #show(id) {
    // A picture that is on the wall no longer leaves its recordings to be heard and deleted.
    const picture = this.#surroundings.picture(id);
    if (!picture && !this.#list(id).length) return this.#drop(id);
    let card = this.#cards.get(id);
    if (!card) {
      card = this.#card(id, picture);
      this.#cards.set(id, card);
      find("lesson").append(card.item);
    }
    const takes = this.#list(id).map(({ id, samples, sampleRate }) => ({ id, seconds: samples.length / sampleRate }));
    card.list(takes, picture !== null);
  }

  /** @param {string} id @param {Picture | null} picture of the wall */
  #card(id, picture) {
    const card = new LessonCard(id, picture, {
      isRecording: () => this.#running !== null,
      start: (instead) => this.#start(id, instead),
      stop: () => this.#stop(),
      play: (take) => {
        const recording = this.#list(id).find((one) => one.id === take);
        if (recording) this.#player.play(clipOf(recording));
      },
      silence: () => this.#player.stop(),
      remove: (take) => this.#remove(id, take),
      chosen: (files) => this.#addFiles(id, card, files),
      dropped: (files) => this.#dropped(id, card, files),
      leave: () => {
        this.toggle(id);
        status.focus();
      },
    });
    return card;
  }

  // ── Recording

  /** @param {string} picture @param {string | null} instead of this recording */
  async #start(picture, instead) {
    const card = this.#cards.get(picture);
    const program = this.#surroundings.program();
    if (!card) return;
    if (!program || !this.#surroundings.engine()) return void (card.note.textContent = texts.captions.notReady);
    this.#player.stop();
    card.note.textContent = texts.permission;
    const recorder = new Recorder({
      level: (level, seconds, muted) => {
        card.hear(level);
        card.note.textContent = muted ? texts.failures["microphone-muted"]?.({}) ?? "" : texts.teach.recording(seconds);
      },
      late: () => (card.note.textContent = texts.errors.late),
      over: (why) => this.#stop({ why }),
    });
    const mine = { recorder, card, picture, instead };
    this.#running = mine;
    card.begin();
    try {
      const begun = await recorder.start(program);
      if (begun && this.#running === mine) card.note.textContent = texts.teach.recording(0);
    } catch (error) {
      if (this.#running === mine) this.#running = null;
      card.rest();
      say(card.note, error, texts.errors.unknown);
    }
  }

  /** @param {{ why?: Failure | null, atOnce?: boolean }} [how] what went wrong with the microphone; whether the page is being left */
  async #stop({ why = null, atOnce = false } = {}) {
    const running = this.#running;
    if (!running) return;
    this.#running = null;
    const { card, recorder } = running;
    card.rest();
    const trouble = why ?? recorder.trouble;
    const clip = await recorder.stop(atOnce);
    if (!clip) return void (trouble ? say(card.note, trouble, texts.errors.unknown) : (card.note.textContent = texts.cancelled));
    const kept = await this.#keep(running.picture, clip, running.instead, card, trouble);
    if (kept && why) say(card.note, why, texts.errors.unknown);
  }

  /** The microphone is closed whatever happens to the page. */
  leave() {
    this.#stop({ atOnce: true });
    this.#player.stop();
  }

  // ── Keeping

  /**
   * Keeps a clip, if there is speech in it; tells its card why not, or whoever asked.
   * @param {string} picture @param {Clip} clip @param {string | null} instead of this recording @param {LessonCard | null} card
   * @param {Failure | null} [trouble] why there may be no speech in it
   * @returns {Promise<boolean>} whether it is kept; not, if it is there already
   */
  async #keep(picture, clip, instead, card, trouble = null) {
    const note = card?.note ?? element("p");
    try {
      const engine = this.#surroundings.engine();
      if (!engine) throw failure("engine-failed", texts.captions.notReady);
      // What cannot be searched with cannot be learned from: the engine says why.
      await engine.core.search(clip.samples, clip.sampleRate);
      const samples = Int16Array.from(clip.samples, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32767));
      if (!card && this.#list(picture).some((other) => isEqual(other.samples, samples))) return false;
      // What is made again is another recording, in the old one's place: ids sort by age.
      const recording = { id: instead === null ? newId("take") : `${instead}+`, picture, samples, sampleRate: clip.sampleRate };
      await this.#store.keep("recordings", recording, instead);
      const list = this.#list(picture);
      const place = list.findIndex(({ id }) => id === instead);
      if (place < 0) list.push(recording);
      else list[place] = recording;
      note.textContent = (await this.#store.lasts()) ? texts.teach.kept : texts.teach.notLasting;
      askToLast();
      this.#show(picture);
      this.#tell();
      return true;
    } catch (error) {
      const why = trouble && error instanceof Error && error.name === "no-speech" ? trouble : error;
      say(note, why, texts.errors.unknown);
      if (!card) throw error;
      return false;
    }
  }

  /** @param {string} picture @param {LessonCard} card @param {Given[]} files */
  async #addFiles(picture, card, files) {
    const { sound, other, ...others } = await sorted(files);
    /** @type {string[]} */
    const problems = [];
    // What says nothing of itself may be sound all the same.
    for (const { path, file } of [...sound, ...other]) {
      try {
        card.note.textContent = "";
        if (!(await this.#keep(picture, await decode(file), null, card))) problems.push(texts.own.leftOut(path, card.note.textContent ?? ""));
      } catch (error) {
        problems.push(texts.own.leftOut(path, sentence(error, texts.errors.unreadable)));
      }
    }
    const rest = Object.values(others).flat();
    if (rest.length) problems.push(texts.dropped.noSound(namesOf(rest)));
    if (problems.length) card.note.textContent = told(problems).join(" ");
  }

  /** What was dropped on a card: sound is recorded for its picture, unless a table says for which; the rest is the page's. @param {string} picture @param {LessonCard} card @param {Given[]} files */
  async #dropped(picture, card, files) {
    const { sound, table, ...others } = await sorted(files);
    if (sound.length && !table.length) this.#addFiles(picture, card, sound);
    const rest = [...table, ...(table.length ? sound : []), ...Object.values(others).flat()];
    if (rest.length) this.#surroundings.take(rest);
  }

  /** @param {string} picture @param {string} take */
  async #remove(picture, take) {
    try {
      await this.#store.remove({ recordings: [take] });
    } catch (error) {
      return void (status.textContent = sentence(error, texts.errors.unknown));
    }
    this.#recordings.set(picture, this.#list(picture).filter(({ id }) => id !== take));
    this.#show(picture);
    this.#tell();
    this.#cards.get(picture)?.focus();
  }

  async #clear() {
    if (!confirm(texts.teach.clear)) return;
    try {
      // What other tabs have recorded meanwhile too.
      await this.#store.clear("recordings");
    } catch (error) {
      return void (status.textContent = sentence(error, texts.errors.unknown));
    }
    for (const id of [...this.#recordings.keys()]) this.#drop(id);
    this.#tell();
  }

  #tell() {
    const all = [...this.#recordings.values()].flat();
    const pictures = [...this.#recordings.values()].filter((list) => list.length).length;
    const bytes = all.reduce((sum, { samples }) => sum + samples.byteLength, 0);
    const kept = texts.teach.stored(all.length, pictures, bytes) + (this.#week && all.length ? ` ${texts.teach.week}` : "");
    status.textContent = this.#waiting.length ? texts.teach.importWaits : kept;
    for (const id of ["lesson-export", "lesson-clear"]) find(id).hidden = all.length === 0;
    this.#surroundings.changed();
  }

  // ── Carrying

  async #export() {
    const engine = this.#surroundings.engine();
    if (!engine) return void (status.textContent = texts.captions.notReady);
    try {
      const lesson = [...this.#recordings].filter(([, recordings]) => recordings.length);
      const found = await Promise.all(lesson.map(async ([id, recordings]) => {
        const picture = this.#surroundings.picture(id);
        return picture ? [{ picture: id, title: picture.title, own: await this.#surroundings.own(id), recordings: recordings.map((recording) => ({ id: recording.id, clip: () => clipOf(recording) })) }] : [];
      }));
      const known = found.flat();
      if (known.length) save(await packLesson(engine, known), "application/zip", "hearsight-recordings.zip");
      // A zip that names a picture which is not in it could not be read again.
      if (known.length < lesson.length) status.textContent = texts.teach.notInZip;
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }

  /** Reads zips, or a folder of clips with a table. @param {Given[]} files */
  async import(files) {
    const engine = this.#surroundings.engine();
    if (!engine || !this.#restored) {
      this.#waiting.push(...files);
      return this.#tell();
    }
    status.textContent = texts.teach.importing;
    find("lesson-alert").replaceChildren();
    const { rows, problems } = await readLesson(engine, files).catch((error) => ({ rows: [], problems: [sentence(error, texts.errors.unknown)] }));
    /** Ids of pictures that came along, by their paths. @type {Map<string, string>} */
    const brought = new Map();
    let [added, again] = [0, 0];
    for (const row of rows) {
      try {
        if (!row.clip) throw failure("bad-archive", texts.teach.noClip);
        const picture = brought.get(row.key) ?? (await this.#pictureOf(row, new Set(brought.values())));
        brought.set(row.key, picture);
        if (await this.#keep(picture, await decode(row.clip), null, null)) added++;
        else again++;
      } catch (error) {
        problems.push(texts.own.leftOut(row.audio || row.image, sentence(error, texts.errors.unreadable)));
      }
    }
    this.#tell();
    status.textContent = texts.teach.imported(added) + (again ? ` ${texts.teach.thereAlready(again)}` : "");
    find("lesson-alert").replaceChildren(...told(problems).map((problem) => element("p", { textContent: problem })));
  }

  /** The id of the picture that a row names: the one that came along, or one on the wall. @param {Found} row @param {Set<string>} taken by other rows */
  async #pictureOf({ image, picture: file }, taken) {
    const base = baseOf(image);
    const stem = base.replace(/\.[^.]*$/, "");
    for (const id of [image, stem]) {
      const known = this.#surroundings.picture(id);
      if (known && (!file || (await this.#surroundings.isSame(known, file).catch(() => false)))) return id;
    }
    if (!file) throw failure("bad-archive", texts.teach.noPicture(image));
    return this.#surroundings.bring(new File([file], base), taken);
  }
}

/** The first of some problems, and how many more there are. @param {string[]} problems */
const told = (problems) => (problems.length > TOLD ? [...problems.slice(0, TOLD), texts.own.more(problems.length - TOLD)] : problems);

/** @param {Int16Array} one @param {Int16Array} other */
const isEqual = (one, other) => one.length === other.length && one.every((sample, place) => sample === other[place]);

/** @param {Recording} recording @returns {Clip} */
function clipOf({ samples, sampleRate }) {
  const clip = new Float32Array(samples.length);
  for (let place = 0; place < samples.length; place++) clip[place] = /** @type {number} */ (samples[place]) / 32767;
  return { samples: clip, sampleRate };
}
