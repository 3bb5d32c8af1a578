// A card of the lesson: a picture, what was recorded for it, and what can be done with it. What is kept is not its business.
import { dropped, given } from "../shell/dropped.js";
import { element } from "../kit/element.js";
import { show } from "../search/shown.js";
import { texts } from "../texts.js";

/** @import { Given } from "../shell/dropped.js" */
/** @import { Picture } from "../types.d.ts" */
/** @typedef {{ id: string, seconds: number }} Take */
/**
 * @typedef {object} Hands what is done when the visitor asks for it
 * @property {() => boolean} isRecording whether any card records
 * @property {(instead: string | null) => void} start recording, perhaps in the place of a take
 * @property {() => void} stop
 * @property {(id: string) => void} play a take
 * @property {() => void} silence what plays
 * @property {(id: string) => void} remove a take
 * @property {(files: Given[]) => void} chosen files by its own chooser
 * @property {(files: Given[]) => void} dropped files
 * @property {() => void} leave the lesson
 */

/** A press that is shorter is a toggle; one that is longer records while it is held, in milliseconds. */
const HELD = 400;

export class LessonCard {
  #hands;
  #takes = element("ol", { className: "takes" });
  #meter = element("span", { className: "meter", ariaHidden: "true" });
  #record;
  #leave;
  note = element("p", { className: "note", role: "status" });
  item;

  /** @param {string} id @param {Picture | null} picture of the wall: one that left it leaves its recordings to be heard and deleted @param {Hands} hands */
  constructor(id, picture, hands) {
    this.#hands = hands;
    const title = picture?.title ?? texts.teach.pictureGone;
    const image = picture ? element("img", { alt: "", width: picture.width, height: picture.height, loading: "lazy" }) : element("div", { className: "gone" });
    if (picture && image instanceof HTMLImageElement) show(image, picture);
    this.#takes.setAttribute("role", "list");
    this.#record = element("button", { type: "button", className: "record", hidden: !picture, ariaLabel: texts.teach.recordOf(title) }, texts.teach.record, this.#meter);
    const input = element("input", { type: "file", accept: "audio/*", multiple: true, hidden: true, ariaLabel: texts.teach.filesOf(title) });
    const files = element("button", { type: "button", className: "quiet", hidden: !picture, ariaLabel: texts.teach.filesOf(title) }, texts.teach.files);
    this.#leave = element("button", { type: "button", className: "quiet leave", ariaLabel: texts.teach.leaveOf(title) }, texts.teach.leave);
    const tools = element("div", { className: "tools" }, this.#record, files, this.#leave);
    this.item = element("li", { className: "lesson-card" }, image, element("div", {}, element("h3", { textContent: title }), this.#takes, tools, input, this.note));
    this.item.dataset.picture = id;
    files.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const chosen = given(input.files ?? []);
      input.value = "";
      hands.chosen(chosen);
    });
    this.#leave.addEventListener("click", () => hands.leave());
    this.#holdOrToggle();
    this.item.addEventListener("dragover", (event) => event.preventDefault());
    this.item.addEventListener("drop", async (event) => {
      // Of a card that is only left over, the page takes what is dropped.
      if (!picture || !event.dataTransfer) return;
      event.preventDefault();
      event.stopPropagation();
      delete document.body.dataset.dropping;
      hands.dropped(await dropped(event.dataTransfer));
    });
  }

  /** What was recorded, oldest first. @param {Take[]} takes @param {boolean} again whether they can be recorded again */
  list(takes, again) {
    this.#takes.replaceChildren(...takes.map((take, place) => this.#take(take, place + 1, again)));
    this.#leave.hidden = takes.length > 0;
  }

  /** It records. */
  begin() {
    this.item.dataset.recording = "";
    this.#record.firstChild?.replaceWith(texts.stop);
  }

  /** @param {number} level of the microphone, 0 to 1 */
  hear(level) {
    this.#meter.style.setProperty("--level", level.toFixed(2));
  }

  /** It no longer records. */
  rest() {
    delete this.item.dataset.recording;
    this.#meter.style.removeProperty("--level");
    this.#record.firstChild?.replaceWith(texts.teach.record);
  }

  /** Nothing plays. */
  quiet() {
    for (const button of this.#takes.querySelectorAll("[aria-pressed]")) button.removeAttribute("aria-pressed");
  }

  focus() {
    this.#record.focus();
  }

  /** @param {Take} take @param {number} number @param {boolean} again */
  #take({ id, seconds }, number, again) {
    const play = element("button", { type: "button", className: "say", ariaLabel: texts.teach.play(number) });
    play.addEventListener("click", () => {
      const again = play.ariaPressed === "true";
      this.#hands.silence();
      if (again) return;
      play.ariaPressed = "true";
      this.#hands.play(id);
    });
    const redo = element("button", { type: "button", className: "quiet", hidden: !again, ariaLabel: texts.teach.redoOf(number) }, texts.teach.redo);
    redo.addEventListener("click", () => {
      if (this.#hands.isRecording()) this.#hands.stop();
      else this.#hands.start(id);
    });
    const remove = element("button", { type: "button", className: "quiet", ariaLabel: texts.teach.removeOf(number) }, texts.teach.remove);
    remove.addEventListener("click", () => this.#hands.remove(id));
    return element("li", {}, play, element("span", { className: "made" }, texts.seconds(seconds)), redo, remove);
  }

  #holdOrToggle() {
    let pressed = 0;
    this.#record.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || this.#hands.isRecording()) return;
      pressed = performance.now();
      this.#hands.start(null);
    });
    this.#record.addEventListener("pointerup", () => {
      if (pressed && performance.now() - pressed > HELD) this.#hands.stop();
    });
    this.#record.addEventListener("click", (event) => {
      // The press that began it ends here; a second one stops it, and a keyboard has clicks only.
      if (pressed) pressed = 0;
      else if (this.#hands.isRecording()) this.#hands.stop();
      else if (event.detail === 0) this.#hands.start(null);
    });
  }
}
