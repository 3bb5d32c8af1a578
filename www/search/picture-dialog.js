// One photograph, large: what its licence asks to be named, the spoken captions nearest to it, and the way to others like it.
import { find } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { Player } from "./player.js";
import { enlarge, show } from "./shown.js";
import { texts } from "../texts.js";
import { Why } from "./why.js";

/** @import { Described } from "./library.js" */
/** @import { Picture } from "../types.d.ts" */
/** @import { Query } from "./why.js" */
/**
 * @typedef {object} Answers
 * @property {(id: string) => Promise<Described[]> | null} describe null while the network is not ready
 * @property {(id: string) => string} titleOf a photograph
 * @property {(picture: Picture, reveal: () => void) => void} alike shows the photographs like it, and what the dialog covers
 * @property {(id: string) => boolean} isOwn whether the visitor brought it
 * @property {() => Query | null} query what was said last
 * @property {(id: string) => void} remove takes one of the visitor's own away
 */

const dialog = /** @type {HTMLDialogElement} */ (find("picture"));
const image = /** @type {HTMLImageElement} */ (find("picture-image"));
const list = find("picture-captions");
const note = find("picture-captions-note");

export class PictureDialog {
  #answers;
  #why;
  /** @type {Picture | null} */
  #picture = null;
  /** The button of the caption that is being fetched or played. @type {HTMLButtonElement | null} */
  #sounding = null;
  #player = new Player((playing) => {
    if (!playing) this.#fallSilent();
  });

  /** @param {Answers} answers */
  constructor(answers) {
    this.#answers = answers;
    this.#why = new Why(answers.query);
    find("picture-close").addEventListener("click", () => dialog.close());
    find("picture-alike").addEventListener("click", () => {
      // What is behind a dialog that closes is styled anew: once, with the answer.
      if (this.#picture) answers.alike(this.#picture, () => dialog.close());
    });
    find("picture-remove").addEventListener("click", () => {
      const picture = this.#picture;
      dialog.close();
      if (picture) answers.remove(picture.id);
    });
    // A press beside it closes it too: only the backdrop is the dialog itself.
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => {
      this.#picture = null;
      this.#why.close();
      this.#fallSilent();
      this.#player.stop();
    });
  }

  /** Browsers give the focus back to what had it. @param {Picture} picture */
  open(picture) {
    this.#picture = picture;
    Object.assign(image, { alt: picture.alt, width: picture.width, height: picture.height });
    image.removeAttribute("src");
    show(image, picture).then(() => enlarge(image, picture, () => this.#picture === picture));
    for (const part of /** @type {const} */ (["title", "alt", "author", "licence", "source"])) {
      find(`picture-${part}`).textContent = picture[part];
    }
    find("picture-taken").textContent = picture.taken ? texts.own.taken(picture.taken) : "";
    find("picture-where").textContent = picture.where ? texts.own.where(...picture.where) : "";
    find("picture-paths").textContent = picture.paths?.join("\n") ?? "";
    // Titles and descriptions of the gallery are English; of a visitor's own picture nobody knows.
    for (const part of [image, find("picture-title"), find("picture-alt")]) part.lang = picture.group === "own" ? "" : "en";
    for (const row of dialog.querySelectorAll("dl > div")) /** @type {HTMLElement} */ (row).hidden = !row.querySelector("dd")?.textContent;
    find("picture-remove").hidden = !this.#answers.isOwn(picture.id);
    list.replaceChildren();
    dialog.showModal();
    dialog.scrollTop = 0;
    this.#why.open(picture);
    this.describe();
  }

  /** Asks for the captions of the photograph that is open, if one is. */
  async describe() {
    const picture = this.#picture;
    if (!picture) return;
    const asked = this.#answers.describe(picture.id);
    /** @type {HTMLButtonElement} */ (find("picture-alike")).disabled = asked === null;
    note.textContent = asked ? texts.captions.searching : texts.captions.notReady;
    try {
      const described = await asked;
      if (!described || this.#picture !== picture) return;
      note.textContent = described.length ? texts.captions.synthetic : texts.captions.none;
      list.replaceChildren(...described.map((caption) => this.#row(caption, picture)));
    } catch (error) {
      if (this.#picture === picture) note.textContent = sentence(error, texts.errors.unknown);
    }
  }

  /** @param {Described} caption @param {Picture} picture */
  #row(caption, picture) {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "say", ariaLabel: texts.captions.play(caption.text) });
    const words = Object.assign(document.createElement("p"), { className: "words", textContent: caption.text });
    // What the visitor said stands there as a sentence of the page.
    if (caption.picture) words.lang = "en";
    const made = Object.assign(document.createElement("p"), { className: "made" });
    if (caption.picture === picture.id) {
      item.dataset.own = "";
      made.textContent = texts.captions.ofThis;
    } else {
      made.textContent = caption.picture ? texts.captions.ofOther(this.#answers.titleOf(caption.picture)) : texts.captions.byYou;
    }
    if (caption.voice) made.title = texts.voice(caption.voice);
    const score = Object.assign(document.createElement("span"), { className: "nearness", textContent: texts.score(caption.score) });
    button.addEventListener("click", () => this.#say(button, caption));
    item.append(button, words, score, made);
    return item;
  }

  /** Plays a caption, or stops it. @param {HTMLButtonElement} button @param {Described} caption */
  async #say(button, caption) {
    const again = this.#sounding === button;
    this.#player.stop();
    this.#fallSilent();
    if (again) return;
    this.#sounding = button;
    button.ariaPressed = "true";
    try {
      const clip = await caption.sound();
      if (this.#sounding === button) this.#player.play(clip);
    } catch (error) {
      if (this.#sounding !== button) return;
      this.#fallSilent();
      note.textContent = sentence(error, texts.errors.unreadable);
    }
  }

  #fallSilent() {
    if (this.#sounding) this.#sounding.ariaPressed = null;
    this.#sounding = null;
  }
}
