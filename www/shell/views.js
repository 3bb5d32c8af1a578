// Which of the page's views is in sight: the address says so, and the page's style goes by it.

/** @typedef {"search" | "teach" | "how" | "compare"} View */

/** @type {((view: View) => void)[]} */
const listeners = [];

/** @returns {View} */
export const view = () => /** @type {View} */ (document.body.dataset.view);

/** Is told of the view in sight, now and whenever another comes. @param {(view: View) => void} listener */
export function onView(listener) {
  listeners.push(listener);
  listener(named());
}

/** Shows another view. @param {View} to */
export function goTo(to) {
  if (view() === to) return;
  location.hash = to === "search" ? "" : to;
  see();
}

/** What the address names; anything else is the search. @returns {View} */
function named() {
  const name = location.hash.slice(1);
  return name === "teach" || name === "how" || name === "compare" ? name : "search";
}

/** Shows it. */
function see() {
  const [before, now] = [view(), named()];
  document.body.dataset.view = now;
  for (const link of document.querySelectorAll("nav [class^=go-]")) link.ariaCurrent = link.classList.contains(`go-${now}`) ? "page" : null;
  for (const listener of listeners) listener(now);
  if (before === now) return;
  // A place on the page was not in sight when the browser went there.
  if (now === "search" && location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  else scrollTo({ top: 0, behavior: "instant" });
}

addEventListener("hashchange", see);
see();
