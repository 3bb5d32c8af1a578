// The wall: every photograph once, in the document's order as in the ranking's. Sizes follow from the order, in CSS.
import { element } from "./element.js";
import { glide } from "./flip.js";
import { GALLERY } from "./loading.js";
import { texts } from "./texts.js";

/** @import { Picture, Ranking } from "./types.d.ts" */
/** @typedef {{ picture: Picture, item: HTMLLIElement, image: HTMLImageElement, rank: HTMLElement, score: HTMLElement, bar: HTMLElement }} Place */

/** How many show their rank and score, and move while somebody speaks; the rest wait for the final ranking. */
const RANKED = 12;
/** How many of them are larger than the rest. */
const LARGE = 6;
/** How wide photographs are by their places, at most: see style.css. */
const SIZES = { first: "(min-width: 60rem) 50vw, 100vw", large: "(min-width: 60rem) 25vw, 50vw", rest: "(min-width: 60rem) 130px, 25vw" };
/** Photographs in the upper part of the window get their files at once: all in sight would hold up Speak by a quarter of a second on a slow line. */
const FIRST = "0% 0% -40% 0%";
/** The others in sight come after so many milliseconds, when somebody scrolls, or once Speak works. */
const REST = 6000;
/** How far beyond the window photographs get their files, once Speak works. Browsers' own lazy loading begins several screens away, in its way. */
const NEAR = "50%";
/** A photograph in front stays in front while it is at most this much behind, so that live rankings do not flicker. */
const INERTIA = 0.01;

export class Wall {
  #list;
  #onOpen;
  /** @type {Map<string, Place>} in resting order */
  #places = new Map();
  /** @type {string[]} ids in the order that is shown */
  #order = [];
  #near = this.#watch(FIRST);
  #isAhead = false;

  /** @param {HTMLElement} list @param {(picture: Picture, opener: HTMLElement) => void} onOpen */
  constructor(list, onOpen) {
    this.#list = list;
    this.#onOpen = onOpen;
  }

  /** @param {Picture[]} pictures in resting order */
  fill(pictures) {
    for (const picture of pictures) {
      const place = this.#place(picture);
      // What Speak waits for goes first.
      place.image.fetchPriority = "low";
      this.#places.set(picture.id, place);
    }
    this.#order = [...this.#places.keys()];
    this.#list.replaceChildren(...[...this.#places.values()].map(({ item }) => item));
    const lookAround = () => this.#isAhead || this.#widen("0%");
    setTimeout(lookAround, REST);
    addEventListener("scroll", lookAround, { once: true });
  }

  /** Photographs near the window get their files too. */
  lookAhead() {
    this.#isAhead = true;
    this.#widen(NEAR);
  }

  /** @param {string} rootMargin */
  #widen(rootMargin) {
    this.#near.disconnect();
    this.#near = this.#watch(rootMargin);
    for (const { item, image } of this.#places.values()) if (!image.src) this.#near.observe(item);
  }

  /** Gives photographs their files that come so near to the window. @param {string} rootMargin */
  #watch(rootMargin) {
    const come = (/** @type {IntersectionObserverEntry[]} */ entries) => {
      for (const { isIntersecting, target } of entries) {
        const place = this.#places.get(String(/** @type {HTMLElement} */ (target).dataset.id));
        if (isIntersecting && place) this.#open(place);
      }
    };
    return new IntersectionObserver(come, { rootMargin });
  }

  /** One of the visitor's own, in front of the others of the even wall. @param {Picture} picture */
  add(picture) {
    this.#places = new Map([[picture.id, this.#place(picture)], ...this.#places]);
    this.#order.unshift(picture.id);
    this.#list.prepend(/** @type {Place} */ (this.#places.get(picture.id)).item);
  }

  /** @param {string} id */
  remove(id) {
    const place = this.#places.get(id);
    if (place) this.#near.unobserve(place.item);
    place?.item.remove();
    this.#places.delete(id);
    this.#order = this.#order.filter((other) => other !== id);
  }

  /** Ranks by what was heard so far: only the foremost move. @param {Ranking} ranking */
  showLive(ranking) {
    const front = new Set(this.ranked ? this.#order.slice(0, RANKED) : []);
    const keen = ranking.results
      .map(({ id, score }) => ({ id, score: score + (front.has(id) ? INERTIA : 0) }))
      .sort((one, other) => other.score - one.score)
      .slice(0, RANKED)
      .map(({ id }) => id);
    const foremost = new Set(keen);
    this.#show([...keen, ...this.#order.filter((id) => !foremost.has(id))], ranking, "live");
  }

  /** @param {Ranking} ranking @param {number} count @returns {string[]} titles of the first */
  showFinal(ranking, count) {
    this.#show(ranking.results.map(({ id }) => id), ranking, "final");
    return this.#order.slice(0, count).map((id) => this.title(id));
  }

  /** @param {string} id of a photograph */
  title(id) {
    return this.#places.get(id)?.picture.title ?? id;
  }

  /** @param {string} id @returns {Picture | null} */
  picture(id) {
    return this.#places.get(id)?.picture ?? null;
  }

  /** Marks photographs as pressed; without a choice none can be. @param {((id: string) => boolean) | null} pressed */
  mark(pressed) {
    for (const { picture, item } of this.#places.values()) {
      const opener = /** @type {HTMLElement} */ (item.querySelector(".opener"));
      if (pressed) opener.ariaPressed = String(pressed(picture.id));
      else opener.removeAttribute("aria-pressed");
    }
  }

  /** The even wall. */
  rest() {
    if (this.ranked) this.#show([...this.#places.keys()], null, "rest");
  }

  get isEmpty() {
    return this.#places.size === 0;
  }

  get ranked() {
    return this.#list.dataset.ranking !== "rest";
  }

  /** @param {string[]} ids @param {Ranking | null} ranking @param {"live" | "final" | "rest"} kind */
  #show(ids, ranking, kind) {
    const known = ids.filter((id) => this.#places.has(id));
    const shown = new Set(known);
    const missing = [...this.#places.keys()].filter((id) => !shown.has(id));
    const order = known.concat(missing);
    const places = order.map((id) => /** @type {Place} */ (this.#places.get(id)));
    const focused = document.activeElement;
    glide(places.map(({ item }) => item), () => {
      this.#order = order;
      this.#list.dataset.ranking = kind;
      if (ranking) this.#list.dataset.milliseconds = String(Math.round(ranking.milliseconds));
      else delete this.#list.dataset.milliseconds;
      arrange(this.#list, places.map(({ item }) => item));
    });
    // Where the browser cannot move an element without taking its focus away, it gets it back.
    if (focused instanceof HTMLElement && focused !== document.activeElement && this.#list.contains(focused)) focused.focus({ preventScroll: true });
    const scores = new Map(ranking?.results.map(({ id, score }) => [id, score]));
    places.forEach((place, index) => {
      const score = ranking ? scores.get(place.picture.id) : undefined;
      label(place, index, score);
      if (score !== undefined && index < RANKED) this.#open(place);
    });
  }

  /** Gives a photograph its file. @param {Place} place */
  #open({ picture, item, image }) {
    this.#near.unobserve(item);
    if (image.src) return;
    const file = new URL(picture.file, GALLERY).href;
    if (picture.small) image.srcset = `${new URL(picture.small, GALLERY).href} 240w, ${file} ${Math.max(picture.width, picture.height)}w`;
    image.src = file;
  }

  /** @param {Picture} picture @returns {Place} */
  #place(picture) {
    const image = element("img", { alt: picture.alt, decoding: "async", width: picture.width, height: picture.height });
    if (picture.small) image.sizes = SIZES.rest;
    const opener = element("button", { type: "button", className: "opener" }, image);
    const [rank, title, score, bar] = ["rank", "title", "score", "bar"].map((className) => element("span", { className }));
    title.textContent = picture.title;
    bar.ariaHidden = "true";
    // Titles and descriptions of the gallery are English; of a visitor's own picture nobody knows.
    if (picture.group !== "own") image.lang = title.lang = "en";
    opener.addEventListener("click", () => this.#onOpen(picture, opener));
    const item = element("li", {}, element("figure", {}, opener, element("figcaption", {}, rank, title, score, bar)));
    item.dataset.id = picture.id;
    item.dataset.shape = picture.height > picture.width * 1.05 ? "tall" : "wide";
    this.#near.observe(item);
    return { picture, item, image, rank, score, bar };
  }
}

/** Moves as few as possible. @param {HTMLElement} list @param {HTMLElement[]} items all of the list's, in the new order */
function arrange(list, items) {
  // Where there is moveBefore, a moved element keeps its focus.
  /** @type {(item: Node, before: Node | null) => void} */
  const move = Reflect.get(list, "moveBefore") ?? list.insertBefore;
  /** @type {Element | null} */
  let next = list.firstElementChild;
  for (const item of items) {
    if (item === next) next = next.nextElementSibling;
    else move.call(list, item, next);
  }
}

/** @param {number} index in a ranking */
function sizesAt(index) {
  if (index === 0) return SIZES.first;
  return index < LARGE ? SIZES.large : SIZES.rest;
}

/** @param {Place} place @param {number} index @param {number | undefined} score */
function label({ item, image, rank, score: figure, bar }, index, score) {
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
