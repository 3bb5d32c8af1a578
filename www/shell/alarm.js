// The place for alarms: one sentence with what to do, in sight whichever view is.
import { element, find } from "../kit/element.js";
import { say } from "./frame.js";
import { onView } from "./views.js";

const place = find("alert");
const home = find("status");
const top = /** @type {HTMLElement} */ (document.querySelector(".top"));

/** @param {string} message @param {{ label: string, act: () => void }} [remedy] */
export function complain(message, remedy) {
  settle();
  add(message);
  if (!remedy) return;
  const button = element("button", { type: "button", className: "quiet", textContent: remedy.label });
  button.addEventListener("click", () => {
    settle();
    remedy.act();
  });
  place.append(button);
}

/** @param {unknown} error @param {string} otherwise */
export function complainOf(error, otherwise) {
  settle();
  const paragraph = element("p");
  say(paragraph, error, otherwise);
  place.append(paragraph);
  move();
}

/** One more sentence. @param {string} message */
export function add(message) {
  place.append(element("p", { textContent: message }));
  move();
}

/** Nothing is wrong any more. */
export const settle = () => place.replaceChildren();

/** Beside the status; where that is hidden, above everything. */
function move() {
  const anchor = home.offsetParent ? home : top;
  if (anchor.nextElementSibling !== place) anchor.after(place);
}

onView(move);
