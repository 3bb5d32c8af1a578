// Photographs in the order of a ranking, as small cards.
import { element } from "../kit/element.js";
import { show } from "./shown.js";
import { texts } from "../texts.js";

/** @import { Match, Picture } from "../types.d.ts" */

/** @param {Match[]} results best first @param {number} count @param {(id: string) => Picture | null} pictureOf @returns {HTMLLIElement[]} */
export function ranked(results, count, pictureOf) {
  const most = Math.max(...results.slice(0, 1).map(({ score }) => score), 1e-6);
  return results.slice(0, count).map(({ id, score }) => {
    const picture = pictureOf(id);
    const image = element("img", { alt: picture?.alt ?? "" });
    if (picture) show(image, picture);
    const bar = element("span", { className: "bar" });
    bar.style.setProperty("--score", String(Math.max(0, score / most)));
    const item = element("li", {}, image, element("span", { className: "title", textContent: picture?.title ?? id }), element("span", { className: "score", textContent: texts.score(score) }), bar);
    item.dataset.id = id;
    return item;
  });
}
