// The wall: every photograph once, in the document's order as in the ranking's. Sizes follow from the order, in CSS. Of a long wall
// only the part around what is in sight is in the document (slice.js).
import { glide } from "../kit/flip.js";
import { MOST, SHORT, WHOLE, firstAround, inSight, sliceOf } from "../kit/slice.js";
import { enlarge } from "./shown.js";
import { texts } from "../texts.js";
import { RANKED, label, open, tileOf } from "./tile.js";

/** @import { Picture, Ranking } from "../types.d.ts" */
/** @import { Tile } from "./tile.js" */
/** @typedef {(picture: Picture, opener: HTMLElement) => void} OnOpen */

/** Photographs in the upper part of the window get their files at once: all in sight would hold up Speak by a quarter of a second on a slow line. */
const FIRST = "0% 0% -40% 0%";
/** The others in sight come after so many milliseconds, when somebody scrolls, or once Speak works. */
const REST = 6000;
/** How far beyond the window photographs get their files, once Speak works. Browsers' own lazy loading begins several screens away, in its way. */
const NEAR = "50%";
/** A photograph in front stays in front while it is at most this much behind, so that live rankings do not flicker. */
const INERTIA = 0.01;
/** What comes onto the wall is seen after so many milliseconds at the latest. */
const SEEN = 100;
/** Keys that lead from photograph to photograph, and how far in the order. @type {Record<string, number>} */
const STEPS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

export class Wall {
  #list;
  #onOpen;
  #beyond;
  /** @type {Map<string, Picture>} in resting order */
  #pictures = new Map();
  /** Those in the document, and those of the gallery that were there. @type {Map<string, Tile>} */
  #tiles = new Map();
  /** @type {string[]} ids in the order that is shown */
  #order = [];
  /** So many of them are shown; the others are folded away. */
  #end = Infinity;
  /** The ranking's scores of the foremost. @type {Map<string, number>} */
  #scores = new Map();
  /** Of a long wall: the block that it begins with, and how many are there. */
  #first = 0;
  #there = MOST;
  /** @type {((id: string) => boolean) | null} */
  #pressed = null;
  #near = this.#watch(FIRST);
  #isAhead = false;
  #isFollowing = false;

  /** @param {HTMLElement} list @param {HTMLElement} beyond says what is folded away, and has the button that unfolds it @param {OnOpen} onOpen */
  constructor(list, beyond, onOpen) {
    this.#list = list;
    this.#beyond = beyond;
    this.#onOpen = onOpen;
    list.addEventListener("keydown", (event) => this.#walk(event));
    for (const moved of ["scroll", "resize"]) addEventListener(moved, () => this.#follow(), { passive: true });
    beyond.querySelector("button")?.addEventListener("click", () => this.#unfold());
  }

  /** @param {Picture[]} pictures in resting order */
  fill(pictures) {
    this.#pictures = new Map(pictures.map((picture) => [picture.id, picture]));
    this.#order = [...this.#pictures.keys()];
    this.#look(this.ranked);
    this.#draw();
    // What Speak waits for goes first.
    for (const { image } of this.#tiles.values()) image.fetchPriority = "low";
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
    for (const { item, isOpen } of this.#tiles.values()) if (!isOpen && item.isConnected) this.#near.observe(item);
  }

  /** Gives photographs their files that come so near to the window. @param {string} rootMargin */
  #watch(rootMargin) {
    const come = (/** @type {IntersectionObserverEntry[]} */ entries) => {
      for (const { isIntersecting, target } of entries) {
        const tile = this.#tiles.get(String(/** @type {HTMLElement} */ (target).dataset.id));
        if (isIntersecting && tile) this.#open(tile);
      }
    };
    return new IntersectionObserver(come, { rootMargin });
  }

  /** The visitor's own: in front of the others of the even wall; behind an answer that they had no part in. What is there already stays in its place. @param {Picture[]} pictures newest first @param {boolean} more come: on a long wall they wait behind the others, since a browser decodes all that appears and keeps it for a while */
  add(pictures, more = false) {
    const fresh = pictures.filter(({ id }) => !this.#pictures.has(id));
    for (const picture of pictures) {
      if (!this.#pictures.has(picture.id)) continue;
      this.#drop(picture.id);
      this.#pictures.set(picture.id, picture);
    }
    if (fresh.length) {
      const ids = fresh.map(({ id }) => id);
      this.#pictures = new Map([...fresh.map((picture) => /** @type {[string, Picture]} */ ([picture.id, picture])), ...this.#pictures]);
      // Nothing moves away under the eyes of somebody who has scrolled: there they come last, until the wall rests again.
      const isSeen = !this.ranked && this.#isAtStart && !(more && this.#isLong());
      this.#order = isSeen ? [...ids, ...this.#order] : [...this.#order, ...ids];
    }
    this.#look(this.ranked);
    this.#draw();
  }

  /** What came last goes to the front of an even wall at whose beginning somebody is. */
  settle() {
    if (this.ranked || !this.#isAtStart) return;
    this.#order = [...this.#pictures.keys()];
    this.#look(false);
    this.#draw();
  }

  /** @param {string[]} ids */
  remove(ids) {
    const gone = new Set(ids);
    for (const id of gone) {
      this.#drop(id);
      this.#pictures.delete(id);
    }
    this.#order = this.#order.filter((id) => !gone.has(id));
    this.#look(this.ranked);
    this.#draw();
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

  /** @param {Ranking} ranking @param {readonly string[]} ids by the numbers of its order @param {number} count @returns {string[]} titles of the first */
  showFinal(ranking, ids, count) {
    this.#end = this.#pictures.size > WHOLE ? ranking.near : Infinity;
    this.#show(Array.from(ranking.order, (key) => ids[key]), ranking, "final");
    // A copy is small for the place of the best.
    const best = this.#tiles.get(this.#order[0]);
    if (best) enlarge(best.image, best.picture, () => best.item.isConnected && this.#order[0] === best.picture.id);
    return this.#order.slice(0, count).map((id) => this.title(id));
  }

  /** @param {string} id of a photograph */
  title(id) {
    return this.#pictures.get(id)?.title ?? id;
  }

  /** @param {string} id @returns {Picture | null} */
  picture(id) {
    return this.#pictures.get(id) ?? null;
  }

  /** Marks photographs as pressed; without a choice none can be. @param {((id: string) => boolean) | null} pressed */
  mark(pressed) {
    this.#pressed = pressed;
    for (const tile of this.#tiles.values()) this.#mark(tile);
  }

  /** The even wall. */
  rest() {
    if (!this.ranked) return;
    this.#end = Infinity;
    this.#show([...this.#pictures.keys()], null, "rest");
  }

  get isEmpty() {
    return this.#pictures.size === 0;
  }

  get ranked() {
    return this.#list.dataset.ranking !== "rest";
  }

  /** Whether the last answer found nothing that is like it. */
  get foundNothing() {
    return this.#end === 0;
  }

  /** @param {string[]} ids @param {Ranking | null} ranking @param {"live" | "final" | "rest"} kind */
  #show(ids, ranking, kind) {
    const known = ids.filter((id) => this.#pictures.has(id));
    const shown = new Set(known);
    const missing = [...this.#pictures.keys()].filter((id) => !shown.has(id));
    this.#order = known.concat(missing);
    this.#scores = new Map(ranking?.results.map(({ id, score }) => [id, score]));
    // An answer begins at its beginning; while somebody speaks the wall stays where it is.
    this.#look(kind !== "rest", this.#list.dataset.ranking !== kind && kind !== "live");
    const ahead = this.#live(kind !== "rest").map((id) => this.#tile(id).item);
    glide(ahead, () => {
      this.#list.dataset.ranking = kind;
      if (ranking) this.#list.dataset.milliseconds = String(Math.round(ranking.milliseconds));
      else delete this.#list.dataset.milliseconds;
      this.#draw(true);
    });
    this.#order.slice(0, RANKED).forEach((id) => {
      const tile = this.#tiles.get(id);
      if (tile && this.#scores.has(id) && tile.item.isConnected) this.#open(tile);
    });
    // For who had scrolled, and stays there; and what lies below the window comes behind the frame that shows the answer.
    setTimeout(() => this.#follow(), SEEN);
  }

  /** Whether nobody has scrolled far. */
  get #isAtStart() {
    return this.#list.getBoundingClientRect().top > -innerHeight / 2;
  }

  /** Whether only a part is in the document. Of a short wall's answer, where nobody has the focus on a photograph that might leave. @param {boolean} [isRanked] */
  #isLong(isRanked = this.ranked) {
    const isShort = this.#pictures.size > WHOLE || (isRanked && !this.#list.contains(document.activeElement));
    return this.#count > (isShort ? SHORT : WHOLE);
  }

  /** Which part. @param {boolean} isRanked */
  #slice(isRanked) {
    return sliceOf(this.#count, this.#isLong(isRanked), isRanked, this.#first, this.#there);
  }

  /** How many photographs are to be gone through. */
  get #count() {
    return Math.min(this.#end, this.#order.length);
  }

  /** Of a long wall what is in sight is to be there. @param {boolean} isRanked @param {boolean} [isAtStart] nobody has scrolled yet */
  #look(isRanked, isAtStart = false) {
    if (!this.#isLong(isRanked)) return;
    const sight = inSight(this.#list, isRanked, isAtStart) ?? { first: isAtStart ? 0 : this.#first, there: MOST };
    [this.#first, this.#there] = [sight.first, sight.there];
  }

  /** Those that are to be in the document. @param {boolean} isRanked @returns {string[]} */
  #live(isRanked) {
    const { head, from, to } = this.#slice(isRanked);
    return [...this.#order.slice(0, head), ...this.#order.slice(from, to)];
  }

  /** Brings the document to what is to be seen. @param {boolean} [isNew] in a new order: the focus goes to the first where what had it has left */
  #draw(isNew = false) {
    const slice = this.#slice(this.ranked);
    this.#first = slice.skipped;
    const ids = this.#live(this.ranked);
    const live = new Set(ids);
    const focused = document.activeElement;
    for (const [id, { item }] of this.#tiles) if (item.isConnected && !live.has(id)) this.#drop(id, true);
    const isLong = this.#isLong();
    this.#list.style.setProperty("--skipped", String(slice.skipped));
    this.#list.style.setProperty("--away", String(slice.skipped + slice.after));
    this.#list.toggleAttribute("data-long", isLong);
    const tiles = ids.map((id) => this.#tile(id));
    arrange(this.#list, tiles.map(({ item }) => item));
    tiles.forEach((tile, index) => {
      const place = index < slice.head ? index : slice.from + index - slice.head;
      label(tile, place, this.ranked ? this.#scores.get(tile.picture.id) : undefined);
      tile.item.ariaSetSize = isLong ? String(this.#count) : null;
      tile.item.ariaPosInSet = isLong ? String(place + 1) : null;
    });
    // Where the browser cannot move an element without taking its focus away, it gets it back; where it has left, the first has it.
    if (focused instanceof HTMLElement && focused !== document.activeElement && focused.closest("#wall, .opener")) {
      if (this.#list.contains(focused)) focused.focus({ preventScroll: true });
      else if (isNew) tiles[0]?.opener.focus({ preventScroll: true });
    }
    this.#tell();
  }

  /** The element of a photograph. @param {string} id @returns {Tile} */
  #tile(id) {
    let tile = this.#tiles.get(id);
    if (!tile) {
      tile = tileOf(/** @type {Picture} */ (this.#pictures.get(id)), this.#onOpen);
      this.#tiles.set(id, tile);
      this.#mark(tile);
    }
    if (!tile.isOpen) this.#near.observe(tile.item);
    return tile;
  }

  /** Takes a photograph out of the document. @param {string} id @param {boolean} [again] it may come again: the gallery's keep their files */
  #drop(id, again = false) {
    const tile = this.#tiles.get(id);
    if (!tile) return;
    this.#near.unobserve(tile.item);
    tile.item.remove();
    if (again && !tile.picture.read) return;
    this.#tiles.delete(id);
    // Else its pixels would stay until somebody collects what is thrown away. Not before what comes in its place is seen.
    setTimeout(() => tile.image.removeAttribute("src"), SEEN);
  }

  /** Gives a photograph its file. @param {Tile} tile */
  #open(tile) {
    this.#near.unobserve(tile.item);
    open(tile);
  }

  /** @param {Tile} tile */
  #mark({ picture, opener }) {
    if (this.#pressed) opener.ariaPressed = String(this.#pressed(picture.id));
    else opener.removeAttribute("aria-pressed");
  }

  /** A long wall goes along with what is in sight, once a frame. */
  #follow() {
    if (this.#isFollowing || !this.#isLong()) return;
    this.#isFollowing = true;
    requestAnimationFrame(() => {
      this.#isFollowing = false;
      if (!this.#list.clientWidth) return;
      const before = String(this.#live(this.ranked));
      this.#look(this.ranked);
      if (String(this.#live(this.ranked)) !== before) this.#draw();
    });
  }

  /** From photograph to photograph by the arrow keys. @param {KeyboardEvent} event */
  #walk(event) {
    const item = /** @type {HTMLElement} */ (event.target).closest("li");
    const place = this.#order.indexOf(item?.dataset.id ?? "");
    if (!item || place < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = STEPS[event.key];
    const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const to = step === undefined ? down && this.#beside(item, down) : Math.max(0, Math.min(this.#count - 1, place + step));
    if (to === undefined) return;
    event.preventDefault();
    const id = this.#order[to];
    if (!this.#tiles.get(id)?.item.isConnected) {
      this.#first = firstAround(to, this.ranked, this.#there);
      this.#draw();
    }
    this.#tiles.get(id)?.opener.focus();
  }

  /** Place of the photograph above or below. @param {HTMLElement} item @param {number} down 1, or -1 for above @returns {number | undefined} */
  #beside(item, down) {
    const here = item.getBoundingClientRect();
    const middle = here.x + here.width / 2;
    let best = { far: Infinity, id: "" };
    for (const one of /** @type {Iterable<HTMLElement>} */ (this.#list.children)) {
      const box = one.getBoundingClientRect();
      const away = down > 0 ? box.top - here.bottom : here.top - box.bottom;
      const aside = Math.max(0, Math.abs(box.x + box.width / 2 - middle) - box.width / 2);
      if (away > -2 && away + aside < best.far) best = { far: away + aside, id: String(one.dataset.id) };
    }
    return best.id ? this.#order.indexOf(best.id) : undefined;
  }

  /** Says what is folded away. */
  #tell() {
    const folded = this.#order.length - this.#count;
    this.#beyond.hidden = folded === 0;
    if (!folded) return;
    const [said, button] = this.#beyond.children;
    said.textContent = this.#end === 0 ? texts.wallNothing : texts.wallEnd(this.#count);
    button.textContent = texts.wallUnfold(folded);
  }

  #unfold() {
    const from = this.#count;
    this.#end = Infinity;
    this.#first = firstAround(from, this.ranked, this.#there);
    this.#draw();
    this.#tiles.get(this.#order[from])?.opener.focus({ preventScroll: from > 0 });
  }
}

/** Moves as few as possible. @param {HTMLElement} list @param {HTMLElement[]} items all that are to be there, in the new order */
function arrange(list, items) {
  // Where there is moveBefore, a moved element keeps its focus; what is not in the document yet cannot be moved.
  /** @type {((item: Node, before: Node | null) => void) | undefined} */
  const move = Reflect.get(list, "moveBefore");
  /** @type {Element | null} */
  let next = list.firstElementChild;
  for (const item of items) {
    if (item === next) next = next.nextElementSibling;
    else if (move && item.isConnected) move.call(list, item, next);
    else list.insertBefore(item, next);
  }
}
