// Which part of a long wall is in the document: the foremost of a ranking, and the blocks around what is in sight. Blocks are of
// as many photographs as fill whole rows at every width (4, 6 or 8 to a row), so that the rows above need only their height.

/** Up to so many photographs all are there. */
export const WHOLE = 400;
/** Photographs of a block. */
export const BLOCK = 24;
/** The foremost of a ranking are of several sizes, and always there: with them the rows of one size begin (style.css). */
const HEAD = 18;
/** Blocks that are there; with the foremost less than 300 photographs. */
const BLOCKS = 11;

/**
 * @typedef {object} Slice
 * @property {number} head so many of the first are there
 * @property {number} from place of the first of the others that are there @property {number} to behind the last
 * @property {number} skipped blocks above it @property {number} after blocks below it
 */

/** @param {number} count of photographs in all @param {boolean} isRanked @param {number} first block that is wanted @returns {Slice} */
export function sliceOf(count, isRanked, first) {
  if (count <= WHOLE) return { head: 0, from: 0, to: count, skipped: 0, after: 0 };
  const head = isRanked ? HEAD : 0;
  const blocks = Math.ceil((count - head) / BLOCK);
  const skipped = Math.max(0, Math.min(first, blocks - BLOCKS));
  const from = head + skipped * BLOCK;
  return { head, from, to: Math.min(count, from + BLOCKS * BLOCK), skipped, after: Math.max(0, blocks - skipped - BLOCKS) };
}

/** The block to begin with, so that what is in sight lies in the middle. @param {HTMLElement} list @param {boolean} isRanked @returns {number} */
export function firstInSight(list, isRanked) {
  const style = getComputedStyle(list);
  const number = (/** @type {string} */ name) => Number(style.getPropertyValue(name));
  // As in style.css: 24 columns, the margins of the wall beside them.
  const unit = ((list.clientWidth - 8) / 24) * 0.75;
  const span = number(isRanked ? "--small" : "--rest");
  const block = span * span * unit;
  const above = -list.getBoundingClientRect().top - (isRanked ? number("--head") * unit : 0);
  return Math.max(0, Math.round((above + innerHeight / 2) / block - BLOCKS / 2));
}

/** The block to begin with, so that a place is there. @param {number} place @param {boolean} isRanked */
export const firstAround = (place, isRanked) => Math.max(0, Math.floor((place - (isRanked ? HEAD : 0)) / BLOCK) - (BLOCKS >> 1));
