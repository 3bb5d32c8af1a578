// Files that were left out, each with why: the list, and a copy of it.
import { element, find } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { baseOf } from "../kit/paths.js";
import { texts } from "../texts.js";

/** @import { LeftOut as One } from "../types.d.ts" */

/** @param {One} one */
const whyOf = ({ why: { name, message, details } }) => sentence(Object.assign(new Error(message), { name }, details && { details }), texts.own.unreadable);

/** A file by its name, with why. @param {One} one */
export const lineOf = (one) => texts.own.leftOut(baseOf(one.path), whyOf(one));

export class LeftOut {
  /** Those of this visit, for reasons that may be gone another time too. @type {One[]} */
  #now = [];
  /** @type {string[]} */
  #lines = [];

  constructor() {
    find("own-left-copy").addEventListener("click", () => this.#copy());
  }

  /** @param {One[]} left */
  add(left) {
    this.#now.push(...left);
  }

  /** @param {One[]} kept */
  show(kept) {
    const known = new Set(kept.map(({ path }) => path));
    this.#lines = [...kept, ...this.#now.filter(({ path }) => !known.has(path))].map((one) => texts.own.leftOut(one.path, whyOf(one)));
    find("own-left").hidden = this.#lines.length === 0;
    find("own-left-title").textContent = texts.own.leftTitle(this.#lines.length);
    find("own-left-list").replaceChildren(...this.#lines.map((line) => element("li", { textContent: line })));
  }

  async #copy() {
    await navigator.clipboard?.writeText(this.#lines.join("\n")).then(() => (find("own-status").textContent = texts.own.copied), () => {});
  }
}
