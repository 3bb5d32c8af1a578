// A photograph on the wall: its element, and what stands on it at its place in a ranking.
import { element } from "../kit/element.js";
import { GALLERY } from "../shell/loading.js";
import { show } from "./shown.js";
import { texts } from "../texts.js";

/** @import { Picture } from "../types.d.ts" */
/**
 * @typedef {object} Tile
 * @property {Picture} picture @property {HTMLLIElement} item @property {HTMLButtonElement} opener @property {HTMLImageElement} image
 * @property {HTMLElement} rank @property {HTMLElement} score @property {HTMLElement} bar
 * @property {boolean} isOpen whether it was given its file
 */

/** How many show their rank and score, and move while somebody speaks; the rest wait for the final ranking. */
export const RANKED = 12;
/** How many of them are larger than the rest. */
const LARGE = 6;
/** How wide photographs are by their places, at most: see style.css. */
const SIZES = { first: "(min-width: 60rem) 50vw, 100vw", large: "(min-width: 60rem) 25vw, 50vw", rest: "(min-width: 60rem) 130px, 25vw" };

/** @param {Picture} picture @param {(picture: Picture, opener: HTMLElement) => void} onOpen @returns {Tile} */
export function tileOf(picture, onOpen) {
  const image = element("img", { alt: picture.alt, decoding: "async", width: picture.width, height: picture.height });
  if (picture.small) image.sizes = SIZES.rest;
  const opener = element("button", { type: "button", className: "opener" }, image);
  const [rank, title, score, bar] = ["rank", "title", "score", "bar"].map((className) => element("span", { className }));
  title.textContent = picture.title;
  bar.ariaHidden = "true";
  // Titles and descriptions of the gallery are English; of a visitor's own picture nobody knows.
  if (picture.group !== "own") image.lang = title.lang = "en";
  opener.addEventListener("click", () => onOpen(picture, opener));
  const copies = picture.copies ? [element("span", { className: "copies", textContent: texts.own.copies(picture.copies) })] : [];
  const item = element("li", {}, element("figure", {}, opener, element("figcaption", {}, rank, title, ...copies, score, bar)));
  item.dataset.id = picture.id;
  item.dataset.shape = picture.height > picture.width * 1.05 ? "tall" : "wide";
  return { picture, item, opener, image, rank, score, bar, isOpen: false };
}

/** Gives a photograph its file. @param {Tile} tile */
export function open(tile) {
  if (tile.isOpen) return;
  tile.isOpen = true;
  const { picture, image } = tile;
  if (picture.small) image.srcset = `${new URL(picture.small, GALLERY).href} 240w, ${new URL(picture.file, GALLERY).href} ${Math.max(picture.width, picture.height)}w`;
  show(image, picture);
}

/** @param {number} index in a ranking */
function sizesAt(index) {
  if (index === 0) return SIZES.first;
  return index < LARGE ? SIZES.large : SIZES.rest;
}

/** @param {Tile} tile @param {number} index @param {number | undefined} score */
export function label({ item, image, rank, score: figure, bar }, index, score) {
  const sizes = sizesAt(score === undefined ? RANKED : index);
  // The browser chooses a file anew whenever this is written.
  if (image.sizes && image.sizes !== sizes) image.sizes = sizes;
  if (score === undefined || index >= RANKED) {
    if (rank.textContent) rank.textContent = figure.textContent = "";
    delete item.dataset.score;
    return;
  }
  image.fetchPriority = "auto";
  rank.textContent = texts.rank(index + 1);
  figure.textContent = texts.score(score);
  item.dataset.score = score.toFixed(4);
  bar.style.setProperty("--score", String(Math.min(1, Math.max(0, score))));
}
