// Which part of a long wall is in the document: the foremost of a ranking, and the blocks around what is in sight. Blocks are of
// as many photographs as fill whole rows at every width (4, 6 or 8 to a row), so that the rows above need only their height.

/** Of the even wall up to so many photographs are all there. */
export const WHOLE = 400;
/** Of an answer, which is to move at once, so many; of what is longer anyway, too. */
export const SHORT = 120;
/** Photographs of a block. */
export const BLOCK = 24;
/** The foremost of a ranking are of several sizes, and always there: with them the rows of one size begin (style.css). */
const HEAD = 18;
/** Blocks that are there at most; with the foremost less than 300 photographs. */
export const MOST = 11;

/**
 * @typedef {object} Slice
 * @property {number} head so many of the first are there
 * @property {number} from place of the first of the others that are there @property {number} to behind the last
 * @property {number} skipped blocks above it @property {number} after blocks below it
 */

/** @param {number} count of photographs in all @param {boolean} isLong only a part is there @param {boolean} isRanked @param {number} first block that is wanted @param {number} there blocks that are there @returns {Slice} */
export function sliceOf(count, isLong, isRanked, first, there) {
  if (!isLong) return { head: 0, from: 0, to: count, skipped: 0, after: 0 };
  const head = isRanked ? HEAD : 0;
  const blocks = Math.ceil((count - head) / BLOCK);
  const skipped = Math.max(0, Math.min(first, blocks - there));
  const from = head + skipped * BLOCK;
  return { head, from, to: Math.min(count, from + there * BLOCK), skipped, after: Math.max(0, blocks - skipped - there) };
}

/**
 * The block to begin with, and how many: what is in sight, and half a window above and below where somebody may scroll. Null where the list is not shown.
 * @param {HTMLElement} list @param {boolean} isRanked @param {boolean} isAtStart as if it began at the window's upper edge
 * @returns {{ first: number, there: number } | null}
 */
export function inSight(list, isRanked, isAtStart) {
  const style = getComputedStyle(list);
  const number = (/** @type {string} */ name) => Number(style.getPropertyValue(name));
  // As in style.css: 24 columns, the margins of the wall beside them.
  const unit = ((list.clientWidth - 8) / 24) * 0.75;
  const span = number(isRanked ? "--small" : "--rest");
  const block = span * span * unit;
  if (!(block > 0)) return null;
  const above = (isAtStart ? 0 : -list.getBoundingClientRect().top) - (isRanked ? number("--head") * unit : 0);
  const first = Math.max(0, Math.floor((above - innerHeight / 2) / block));
  const last = Math.ceil((above + (isAtStart ? 1 : 1.5) * innerHeight) / block);
  return { first, there: Math.max(1, Math.min(MOST, last - first)) };
}

/** The block to begin with, so that a place is there with its neighbours. @param {number} place @param {boolean} isRanked @param {number} there */
export const firstAround = (place, isRanked, there) => Math.max(0, Math.floor((place - (isRanked ? HEAD : 0)) / BLOCK) - (there >> 1));
