// What was dropped or chosen goes where it belongs, whichever view is in sight.
import { add, settle } from "./alarm.js";
import { filesOf, namesOf, sorted } from "./dropped.js";
import { sentence } from "../kit/failure.js";
import { decode } from "./sound-files.js";
import { texts } from "../texts.js";
import { goTo, view } from "./views.js";

/** @import { Given } from "./dropped.js" */
/** @import { OwnPictures } from "../photos/own-pictures.js" */
/** @import { Teach } from "../teach/teach.js" */
/** @import { Machine } from "./machine.js" */
/** @import { Asking } from "../search/asking.js" */
/** @import { Sound } from "../search/sound.js" */
/** @import { Speaking } from "../search/speaking.js" */

export class Taking {
  #machine;
  #search;
  #teach;
  #own;

  /**
   * @param {Machine<any>} machine @param {{ asking: Asking, speaking: Speaking, sound: Sound }} search @param {Teach} teach
   * @param {{ pictures: OwnPictures, add: (pictures: Given[]) => void }} own
   */
  constructor(machine, search, teach, own) {
    this.#machine = machine;
    this.#search = search;
    this.#teach = teach;
    this.#own = own;
  }

  /** @param {Given[]} files */
  async take(files) {
    const { sound, picture, zip, table, taught: lessons, index, other } = await sorted(files);
    const withTable = table.length ? [...table, ...sound, ...picture] : [];
    if (zip.length || table.length || lessons.length) goTo("teach");
    else if (picture.length && view() !== "teach") goTo("search");
    const free = table.length ? [] : sound;
    if (free.length && view() === "teach") {
      settle();
      add(texts.dropped.whichPicture(namesOf(free)));
    } else if (free.length) this.open(free.map(({ file }) => async () => file), namesOf(free));
    else settle();
    if (other.length) add(texts.dropped.leftOut(namesOf(other)));
    if (picture.length && !table.length) this.#own.add(picture);
    if (index.length) await this.#own.pictures.unpack(filesOf(index));
    for (const { file } of lessons) await this.#teach.openFile(file);
    if (zip.length || table.length) await this.#teach.import([...zip, ...withTable]);
  }

  /** Searches with the first of some sounds that can be read. @param {(() => Promise<Blob>)[]} sounds @param {string[]} [names] */
  async open(sounds, names = []) {
    // What to do first stands there already.
    if (this.#machine.state === "failed") return;
    settle();
    this.#search.sound.stop();
    this.#search.speaking.cancel();
    for (const [place, get] of sounds.entries()) {
      try {
        const clip = await decode(await get());
        const left = names.slice(place + 1);
        if (left.length) add(texts.dropped.oneSound(names[place] ?? "", left));
        this.#search.asking.whenReady(clip, false);
        const { state } = this.#machine;
        if (state === "loading" || state === "preparing") this.#machine.say(texts.waiting);
        return;
      } catch (error) {
        const why = sentence(error, texts.errors.unreadable);
        add(sounds.length > 1 ? texts.own.leftOut(names[place] ?? "", why) : why);
      }
    }
  }
}
