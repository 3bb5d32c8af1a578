// The visitor's recordings: a card for each picture of the lesson, kept in IndexedDB at once, and carried in a zip.
import { element, find, save } from "./element.js";
import { failure, sentence } from "./failure.js";
import { GALLERY } from "./loading.js";
import { Player } from "./player.js";
import { Recorder } from "./recorder.js";
import { decode } from "./sound-files.js";
import { Store } from "./store.js";
import { texts } from "./texts.js";

/** @import { EngineClient } from "./engine.js" */
/** @import { Taken } from "./lesson.js" */
/** @import { ArchiveFile, Clip, Package, Picture, Row } from "./types.d.ts" */
/** @typedef {{ id: string, picture: string, samples: Int16Array, sampleRate: number }} Recording */
/** @typedef {{ item: HTMLElement, takes: HTMLElement, record: HTMLButtonElement, meter: HTMLElement, note: HTMLElement }} Card */
/**
 * @typedef {object} Surroundings
 * @property {(id: string) => Picture | null} picture of the wall
 * @property {() => Package | null} program
 * @property {() => EngineClient | null} engine that can be asked just now
 * @property {(file: File) => Promise<string>} bring a picture onto the wall; gives its id
 * @property {(id: string) => Blob | null} own the file of one of the visitor's own pictures
 * @property {() => void} changed
 */

/** A press that is shorter is a toggle; one that is longer records while it is held, in milliseconds. */
const HELD = 400;
/** Recordings of a picture from which on the newest is held out to measure by. */
const ENOUGH = 3;
/** So many problems of an import are told. */
const TOLD = 3;

const status = find("lesson-status");

export class Recordings {
  #store = new Store();
  #surroundings;
  /** Of each picture of the lesson, oldest first. @type {Map<string, Recording[]>} */
  #recordings = new Map();
  /** @type {Map<string, Card>} */
  #cards = new Map();
  /** @type {{ recorder: Recorder, card: Card, picture: string, instead: string | null } | null} */
  #running = null;
  #player = new Player((playing) => {
    if (!playing) for (const button of find("lesson").querySelectorAll("[aria-pressed]")) button.removeAttribute("aria-pressed");
  });
  #last = 0;

  /** @param {Surroundings} surroundings */
  constructor(surroundings) {
    this.#surroundings = surroundings;
    find("lesson-export").addEventListener("click", () => this.#export());
    find("lesson-clear").addEventListener("click", () => this.#clear());
    for (const kind of ["files", "folder"]) {
      const input = /** @type {HTMLInputElement} */ (find(`lesson-${kind}-input`));
      find(`lesson-${kind}`).addEventListener("click", () => input.click());
      input.addEventListener("change", () => {
        const files = [...(input.files ?? [])];
        input.value = "";
        if (files.length) this.import(files);
      });
    }
  }

  /** Brings back what is kept; the visitor's own pictures must be on the wall by then. */
  async restore() {
    try {
      for (const recording of /** @type {Recording[]} */ (await this.#store.all("recordings"))) this.#list(recording.picture).push(recording);
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
    for (const id of this.#recordings.keys()) this.#show(id);
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

  /** Ids sort by age. */
  #newId() {
    this.#last = Math.max(this.#last + 1, Date.now());
    return `take-${this.#last}`;
  }

  // ── Cards

  /** @param {string} id */
  #show(id) {
    const picture = this.#surroundings.picture(id);
    if (!picture) return;
    let card = this.#cards.get(id);
    if (!card) {
      card = this.#card(picture);
      this.#cards.set(id, card);
      find("lesson").append(card.item);
    }
    card.takes.replaceChildren(...this.#list(id).map((recording, place) => this.#take(recording, place)));
    /** @type {HTMLElement} */ (card.item.querySelector(".leave")).hidden = this.#list(id).length > 0;
  }

  /** @param {Picture} picture @returns {Card} */
  #card(picture) {
    const image = element("img", { alt: "", src: new URL(picture.file, GALLERY).href, width: picture.width, height: picture.height, loading: "lazy" });
    const takes = element("ol", { className: "takes" });
    takes.setAttribute("role", "list");
    const meter = element("span", { className: "meter", ariaHidden: "true" });
    const record = element("button", { type: "button", className: "record", ariaLabel: texts.teach.recordOf(picture.title) }, texts.teach.record, meter);
    const input = element("input", { type: "file", accept: "audio/*", multiple: true, hidden: true, ariaLabel: texts.teach.filesOf(picture.title) });
    const files = element("button", { type: "button", className: "quiet", ariaLabel: texts.teach.filesOf(picture.title) }, texts.teach.files);
    const leave = element("button", { type: "button", className: "quiet leave", ariaLabel: texts.teach.leaveOf(picture.title) }, texts.teach.leave);
    const note = element("p", { className: "note", role: "status" });
    const item = element("li", { className: "lesson-card" }, image, element("div", {}, element("h3", { textContent: picture.title }), takes, element("div", { className: "tools" }, record, files, leave), input, note));
    item.dataset.picture = picture.id;
    const card = { item, takes, record, meter, note };
    files.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const chosen = [...(input.files ?? [])];
      input.value = "";
      this.#addFiles(picture.id, card, chosen);
    });
    leave.addEventListener("click", () => {
      this.toggle(picture.id);
      find("lesson-status").focus();
    });
    this.#holdOrToggle(card, picture.id);
    item.addEventListener("dragover", (event) => event.preventDefault());
    item.addEventListener("drop", (event) => {
      event.preventDefault();
      event.stopPropagation();
      delete document.body.dataset.dropping;
      this.#addFiles(picture.id, card, [...(event.dataTransfer?.files ?? [])]);
    });
    return card;
  }

  /** @param {Recording} recording @param {number} place */
  #take(recording, place) {
    const number = place + 1;
    const play = element("button", { type: "button", className: "say", ariaLabel: texts.teach.play(number) });
    play.addEventListener("click", () => {
      const again = play.ariaPressed === "true";
      this.#player.stop();
      if (again) return;
      play.ariaPressed = "true";
      this.#player.play(clipOf(recording));
    });
    const redo = element("button", { type: "button", className: "quiet", ariaLabel: texts.teach.redoOf(number) }, texts.teach.redo);
    redo.addEventListener("click", () => {
      if (this.#running) this.#stop();
      else this.#start(recording.picture, recording.id);
    });
    const remove = element("button", { type: "button", className: "quiet", ariaLabel: texts.teach.removeOf(number) }, texts.teach.remove);
    remove.addEventListener("click", () => this.#remove(recording));
    return element("li", {}, play, element("span", { className: "made" }, texts.seconds(recording.samples.length / recording.sampleRate)), redo, remove);
  }

  // ── Recording

  /** @param {Card} card @param {string} picture */
  #holdOrToggle({ record }, picture) {
    let pressed = 0;
    record.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#running) return;
      pressed = performance.now();
      this.#start(picture, null);
    });
    record.addEventListener("pointerup", () => {
      if (pressed && performance.now() - pressed > HELD) this.#stop();
    });
    record.addEventListener("click", (event) => {
      // The press that began it ends here; a second one stops it, and a keyboard has clicks only.
      if (pressed) pressed = 0;
      else if (this.#running) this.#stop();
      else if (event.detail === 0) this.#start(picture, null);
    });
  }

  /** @param {string} picture @param {string | null} instead of this recording */
  async #start(picture, instead) {
    const card = this.#cards.get(picture);
    const program = this.#surroundings.program();
    if (!card) return;
    if (!program || !this.#surroundings.engine()) return void (card.note.textContent = texts.captions.notReady);
    this.#player.stop();
    card.note.textContent = texts.permission;
    const recorder = new Recorder((level, seconds) => {
      card.meter.style.setProperty("--level", level.toFixed(2));
      card.note.textContent = texts.teach.recording(seconds);
    });
    const mine = { recorder, card, picture, instead };
    this.#running = mine;
    card.item.dataset.recording = "";
    card.record.firstChild?.replaceWith(texts.stop);
    try {
      await recorder.start(program, () => this.#stop());
      if (this.#running === mine) card.note.textContent = texts.teach.recording(0);
    } catch (error) {
      if (this.#running === mine) this.#running = null;
      this.#rest(card);
      card.note.textContent = sentence(error, texts.errors.unknown);
    }
  }

  async #stop() {
    const running = this.#running;
    if (!running) return;
    this.#running = null;
    this.#rest(running.card);
    const clip = await running.recorder.stop();
    if (!clip) return void (running.card.note.textContent = texts.cancelled);
    await this.#keep(running.picture, clip, running.instead, running.card);
  }

  /** @param {Card} card */
  #rest(card) {
    delete card.item.dataset.recording;
    card.meter.style.removeProperty("--level");
    card.record.firstChild?.replaceWith(texts.teach.record);
  }

  /** The microphone is closed whatever happens to the page. */
  leave() {
    this.#stop();
    this.#player.stop();
  }

  // ── Keeping

  /** Keeps a clip, if there is speech in it; tells its card why not, or whoever asked. @param {string} picture @param {Clip} clip @param {string | null} instead @param {Card} [card] */
  async #keep(picture, clip, instead, card) {
    const note = card?.note ?? element("p");
    try {
      const engine = this.#surroundings.engine();
      if (!engine) throw failure("engine-failed", texts.captions.notReady);
      // What cannot be searched with cannot be learned from: the engine says why.
      await engine.search(clip);
      const recording = { id: instead ?? this.#newId(), picture, samples: Int16Array.from(clip.samples, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * 32767)), sampleRate: clip.sampleRate };
      await this.#store.keep("recordings", recording);
      const list = this.#list(picture);
      const place = list.findIndex(({ id }) => id === recording.id);
      if (place < 0) list.push(recording);
      else list[place] = recording;
      note.textContent = (await this.#store.lasts()) ? texts.teach.kept : texts.teach.notLasting;
      this.#show(picture);
      this.#tell();
    } catch (error) {
      note.textContent = sentence(error, texts.errors.unknown);
      if (!card) throw error;
    }
  }

  /** @param {string} picture @param {Card} card @param {File[]} files */
  async #addFiles(picture, card, files) {
    for (const file of files) {
      try {
        await this.#keep(picture, await decode(file), null, card);
      } catch (error) {
        card.note.textContent = texts.own.leftOut(file.name, sentence(error, texts.errors.unreadable));
        return;
      }
    }
  }

  /** @param {Recording} recording */
  async #remove({ id, picture }) {
    try {
      await this.#store.remove("recordings", id);
    } catch (error) {
      return void (status.textContent = sentence(error, texts.errors.unknown));
    }
    this.#recordings.set(picture, this.#list(picture).filter((other) => other.id !== id));
    this.#show(picture);
    this.#tell();
    this.#cards.get(picture)?.record.focus();
  }

  async #clear() {
    if (!confirm(texts.teach.clear)) return;
    try {
      for (const recording of [...this.#recordings.values()].flat()) await this.#store.remove("recordings", recording.id);
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
    status.textContent = texts.teach.stored(all.length, pictures, bytes);
    for (const id of ["lesson-export", "lesson-clear"]) find(id).hidden = all.length === 0;
    this.#surroundings.changed();
  }

  // ── Carrying

  async #export() {
    const engine = this.#surroundings.engine();
    if (!engine) return void (status.textContent = texts.captions.notReady);
    try {
      /** @type {ArchiveFile[]} */
      const files = [];
      /** @type {Row[]} */
      const rows = [];
      for (const [picture, recordings] of this.#recordings) {
        const own = this.#surroundings.own(picture);
        const title = this.#surroundings.picture(picture)?.title ?? picture;
        const image = own ? `images/${title.replaceAll(/[\\/\t\n]/g, " ")}.jpg` : picture;
        if (own && recordings.length) files.push({ name: image, bytes: new Uint8Array(await own.arrayBuffer()) });
        for (const recording of recordings) {
          const audio = `clips/${recording.id}.wav`;
          files.push({ name: audio, bytes: await engine.wav(clipOf(recording)) });
          rows.push({ image, audio, text: "", language: "", voice: "", split: "train" });
        }
      }
      save(await engine.pack(files, rows), "application/zip", "hearsight-recordings.zip");
    } catch (error) {
      status.textContent = sentence(error, texts.errors.unknown);
    }
  }

  /** Reads a zip, or a folder of clips with a table. @param {File[]} files */
  async import(files) {
    const engine = this.#surroundings.engine();
    if (!engine) return void (status.textContent = texts.captions.notReady);
    status.textContent = texts.teach.importing;
    /** @type {string[]} */
    const problems = [];
    let added = 0;
    try {
      /** @type {Map<string, () => Promise<Blob>>} */
      const there = new Map();
      for (const file of files) {
        if (!/\.zip$/i.test(file.name)) there.set(file.webkitRelativePath || file.name, async () => file);
        else for (const { name, bytes } of await engine.unpack(new Uint8Array(await file.arrayBuffer()))) there.set(name, async () => new Blob([bytes]));
      }
      const table = [...there.keys()].find((name) => /\.tsv$/i.test(name));
      if (!table) throw failure("bad-archive", texts.teach.noTable);
      const folder = table.slice(0, table.lastIndexOf("/") + 1);
      const rows = await engine.readPairs(new Uint8Array(await (await /** @type {() => Promise<Blob>} */ (there.get(table))()).arrayBuffer()));
      /** Ids of pictures that came along. @type {Map<string, string>} */
      const brought = new Map();
      for (const { image, audio } of rows) {
        try {
          const clip = there.get(folder + audio) ?? there.get(audio);
          if (!clip) throw failure("bad-archive", texts.teach.noClip);
          const picture = brought.get(image) ?? (await this.#pictureOf(image, there.get(folder + image)));
          brought.set(image, picture);
          this.#list(picture);
          this.#show(picture);
          await this.#keep(picture, await decode(await clip()), null);
          added++;
        } catch (error) {
          problems.push(texts.own.leftOut(audio || image, sentence(error, texts.errors.unreadable)));
        }
      }
    } catch (error) {
      problems.push(sentence(error, texts.errors.unknown));
    }
    this.#tell();
    status.textContent = texts.teach.imported(added);
    if (problems.length > TOLD) problems.splice(TOLD, problems.length, texts.own.more(problems.length - TOLD));
    find("lesson-alert").replaceChildren(...problems.map((problem) => element("p", { textContent: problem })));
  }

  /** The id of a picture on the wall; one that came along is brought there. @param {string} name @param {(() => Promise<Blob>) | undefined} file */
  async #pictureOf(name, file) {
    const base = name.slice(name.lastIndexOf("/") + 1);
    const stem = base.replace(/\.[^.]*$/, "");
    for (const id of [name, stem]) if (this.#surroundings.picture(id)) return id;
    if (!file) throw failure("bad-archive", texts.teach.noPicture(name));
    return this.#surroundings.bring(new File([await file()], base));
  }
}

/** @param {Recording} recording @returns {Clip} */
function clipOf({ samples, sampleRate }) {
  const clip = new Float32Array(samples.length);
  for (let place = 0; place < samples.length; place++) clip[place] = /** @type {number} */ (samples[place]) / 32767;
  return { samples: clip, sampleRate };
}
