// What the lesson "How it works" draws: one function a stage, each from the engine's numbers alone.
import { ramp } from "../kit/colours.js";
import { shade } from "../search/spectrogram.js";

/** @import { Clip, Stages, TemporalTrace } from "../types.d.ts" */
/**
 * @typedef {object} Sheet where a stage is drawn
 * @property {CanvasRenderingContext2D} context in CSS pixels
 * @property {number} width
 * @property {number} height
 * @property {number} size of letters
 * @property {(name: string) => string} colour of the page's style
 */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/** A unit names something if it weighs more than this share of the heaviest. */
const NAMES = 0.4;
/** Room around a drawing. */
const GAP = 12;
/** Share of the width that the spectrogram has where one frame's bands stand beside it. */
export const FRAMES = 0.7;
/** Share of the height that the spectrogram has where something stands below it. */
export const TOP = { filters: 0.28, temporal: 0.5, moments: 0.64, score: 0.34 };
/** The same where units stand between it and what is below. */
const OVER_UNITS = 0.26;

/** @param {HTMLCanvasElement} canvas @returns {Sheet} empty, at the screen's resolution */
export function sheet(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = Math.max(1, Math.round(width * devicePixelRatio));
  canvas.height = Math.max(1, Math.round(height * devicePixelRatio));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(devicePixelRatio, devicePixelRatio);
  const style = getComputedStyle(canvas);
  const size = Math.max(13, Math.min(22, width / 45));
  context.font = `${size}px ${style.fontFamily}`;
  context.textBaseline = "middle";
  return { context, width, height, size, colour: (name) => style.getPropertyValue(name) };
}

/** The clip as it was recorded, its speech marked. @param {Sheet} sheet @param {Clip} clip @param {Stages} stages */
export function drawSound({ context, width, height, colour }, { samples, sampleRate }, { start, seconds }) {
  const duration = samples.length / sampleRate;
  context.fillStyle = colour("--screen");
  context.fillRect((start / duration) * width, 0, (seconds / duration) * width, height);
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-6);
  context.fillStyle = colour("--accent");
  for (let x = 0; x < width; x++) {
    const part = samples.subarray(Math.floor((x / width) * samples.length), Math.ceil(((x + 1) / width) * samples.length));
    let [low, high] = [0, 0];
    for (const sample of part) [low, high] = [Math.min(low, sample), Math.max(high, sample)];
    const top = (1 - high / loudest) * (height / 2);
    context.fillRect(x, top, 1, Math.max(1, ((high - low) / loudest) * (height / 2)));
  }
}

/** The spectrogram, one frame of it under the hand: its bands stand beside. @param {Sheet} sheet @param {Stages} stages @param {number} at frame @param {(hertz: number) => string} hertz */
export function drawFrames(sheet, stages, at, hertz) {
  const { context, width, height, size, colour } = sheet;
  const box = { x: 0, y: 0, width: width * FRAMES, height };
  const beside = width - box.width - 5 * size;
  spectrogram(sheet, box, stages.frames, stages.recipe.bands.length);
  const bands = stages.recipe.bands.length;
  const count = stages.frames.length / bands;
  const column = box.width / count;
  context.strokeStyle = colour("--record");
  context.lineWidth = 2;
  context.strokeRect(at * column - 1, 1, Math.max(3, column + 2), height - 2);
  const row = height / bands;
  const left = width - beside;
  for (let band = 0; band < bands; band++) {
    context.fillStyle = colour("--accent");
    context.fillRect(left, height - (band + 1) * row, shade(stages.frames[at * bands + band]) * beside, Math.max(1, row - 1));
  }
  context.fillStyle = colour("--ink");
  context.textAlign = "right";
  for (const share of [0.02, 0.25, 0.5, 0.75, 0.98]) {
    const band = Math.round(share * (bands - 1));
    context.fillText(hertz(stages.recipe.bands[band]), left - 6, height - (band + 0.5) * row);
  }
}

/** What the first filters look for, and where in the speech they find it. @param {Sheet} sheet @param {Stages} stages @param {number | null} at the filter under the hand */
export function drawFilters(sheet, { frames, filters, recipe }, at) {
  const { context, width, height, colour } = sheet;
  const bands = recipe.bands.length;
  const top = height * TOP.filters;
  const left = Math.max(40, width * 0.07);
  spectrogram(sheet, { x: left + GAP, y: 0, width: width - left - GAP, height: top - GAP }, frames, bands);
  const row = (height - top) / filters.length;
  filters.forEach(({ width: seen, weights, answers }, place) => {
    const y = top + place * row;
    // The filter lies on its side: low bands left, its frames from above.
    image(context, { x: 0, y: y + 1, width: left, height: row - 3 }, bands, seen, signed(weights, sheet));
    const most = Math.max(...answers, 1e-6);
    const least = Math.min(...answers);
    const table = ramp(dark());
    image(context, { x: left + GAP, y: y + 1, width: width - left - GAP, height: row - 3 }, answers.length, 1, (_, x) => pick(table, (answers[x] - least) / (most - least)));
    if (place === at) {
      context.strokeStyle = colour("--record");
      context.lineWidth = 3;
      context.strokeRect(1, y, width - 2, row - 1);
    }
  });
}

/**
 * The temporal branch: how far back each of its layers sees from the clip's last moment, and how strongly it answers.
 * @param {Sheet} sheet @param {Stages} stages @param {TemporalTrace} trace @param {number} at the layer under the hand @param {(layer: TemporalTrace["layers"][number]) => string} name
 */
export function drawTemporal(sheet, { frames, recipe }, trace, at, name) {
  const { context, width, height, size, colour } = sheet;
  const bands = recipe.bands.length;
  const top = height * TOP.temporal;
  const room = top - GAP;
  spectrogram(sheet, { x: 0, y: 0, width, height: room }, frames, bands);
  const count = frames.length / bands;
  const layer = trace.layers[at];
  const seen = Math.min(count, layer.field);
  context.fillStyle = colour("--record");
  context.globalAlpha = 0.28;
  context.fillRect(width * (1 - seen / count), 0, width * (seen / count), room);
  context.globalAlpha = 1;
  const row = (height - top) / trace.layers.length;
  trace.layers.forEach((one, place) => {
    const y = top + place * row;
    const share = Math.min(1, one.field / count);
    context.fillStyle = colour(place === at ? "--record" : place < at ? "--accent" : "--line");
    context.fillRect(width * (1 - share), y + 1, width * share, Math.max(2, row - 3));
  });
  const most = Math.max(...layer.activation, 1e-6);
  context.strokeStyle = colour("--ink");
  context.lineWidth = 2;
  context.beginPath();
  layer.activation.forEach((value, place) => context.lineTo(((place + 0.5) / layer.activation.length) * width, room - 4 - (value / most) * (room - 2 * size)));
  context.stroke();
  label(sheet, name(layer), GAP, size);
}

/**
 * The units that were read, and how the heads weigh the moments.
 * @param {Sheet} sheet @param {Stages} stages @param {(id: string) => HTMLImageElement | null} thumbnail @param {number | null} at the head under the hand
 */
export function drawMoments(sheet, { frames, attention, recipe, units, seconds }, thumbnail, at) {
  const { context, width, height, colour } = sheet;
  const top = height * TOP.moments;
  const over = units.length > 0 ? height * OVER_UNITS : top;
  spectrogram(sheet, { x: 0, y: 0, width, height: over - GAP }, frames, recipe.bands.length);
  drawUnits(sheet, { x: 0, y: over, width, height: top - over - GAP }, units, seconds, thumbnail);
  const table = ramp(dark());
  const row = (height - top) / attention.length;
  attention.forEach((shares, head) => {
    const most = Math.max(...shares, 1e-6);
    const y = top + head * row;
    image(context, { x: 0, y: y + 1, width, height: row - 2 }, shares.length, 1, (_, x) => pick(table, shares[x] / most));
    if (head !== at) return;
    context.strokeStyle = colour("--record");
    context.lineWidth = 3;
    context.strokeRect(1, y, width - 2, row);
  });
}

/**
 * Each unit when it was read: a segment, the brighter the more it weighs, its spelling, and what it stands for if it names something.
 * @param {Sheet} sheet @param {Box} box @param {Stages["units"]} units @param {number} seconds of speech @param {(id: string) => HTMLImageElement | null} thumbnail
 */
function drawUnits({ context, size, colour }, box, units, seconds, thumbnail) {
  const heaviest = Math.max(...units.map(({ weight }) => weight), 1e-6);
  const x = (/** @type {number} */ second) => box.x + (second / seconds) * box.width;
  const pictures = Math.max(...units.map((unit) => unit.pictures.length), 1);
  units.forEach(({ spelling, start, end, weight, pictures: nearest }, place) => {
    const room = x(units[place + 1]?.start ?? seconds) - x(start) - 3;
    const share = weight / heaviest;
    context.fillStyle = colour("--accent");
    context.globalAlpha = 0.2 + 0.8 * share;
    context.fillRect(x(start), box.y, Math.max(3, x(end) - x(start) - 1), size / 2);
    context.globalAlpha = 1;
    context.fillStyle = colour(share > NAMES ? "--ink" : "--quiet");
    context.textAlign = "left";
    // What begins a word has a mark in front, what goes on with one a hyphen here.
    context.fillText(spelling.startsWith("▁") ? spelling.slice(1) : `-${spelling}`, x(start), box.y + 1.4 * size, Math.max(8, room));
    if (share <= NAMES) return;
    const below = box.y + 2.3 * size;
    const high = box.y + box.height - below;
    // Side by side or one below the other, as they are larger.
    const [across, down] = [Math.min(high, room / pictures - 2), Math.min(room, high / pictures - 2)];
    const side = Math.max(across, down);
    nearest.forEach((id, number) => {
      const picture = thumbnail(id);
      const [right, under] = across > down ? [number * (side + 2), 0] : [0, number * (side + 2)];
      if (picture && side > 4) cover(context, picture, { x: x(start) + right, y: below + under, width: side, height: side });
    });
  });
}

/** The vector's numbers, up and down from zero. @param {Sheet} sheet @param {Stages} stages @param {number} at the number under the hand */
export function drawVector({ context, width, height, colour }, { vector }, at) {
  const most = vector.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 1e-6);
  const column = width / vector.length;
  vector.forEach((value, place) => {
    const length = (value / most) * (height / 2 - 4);
    context.fillStyle = colour(place === at ? "--record" : value >= 0 ? "--accent" : "--quiet");
    context.fillRect(place * column, height / 2 - Math.max(0, length), Math.max(1, column - 0.6), Math.max(1, Math.abs(length)));
  });
}

/**
 * The map: a point a picture, the clip among them, lines to the best.
 * @param {Sheet} sheet @param {Stages} stages @param {(id: string) => HTMLImageElement | null} thumbnail @param {number} at the picture under the hand @param {number} count of the best that are shown @param {string} you
 */
export function drawMap(sheet, { points, results }, thumbnail, at, count, you) {
  const { context, width, height, size, colour } = sheet;
  const shown = Math.min(count, points.length - 1);
  // The best stand beside the map, one below the other; lines lead to where they lie.
  const row = height / count;
  const tile = { width: Math.min(width * 0.22, (row - 6) * 1.5), height: row - 6 };
  const room = { width: width - tile.width - 4 * GAP, height };
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min((room.width - 2 * size) / (right - left || 1), (room.height - 2 * size) / (high - low || 1));
  const place = (/** @type {[number, number]} */ [x, y]) => [room.width / 2 + (x - (left + right) / 2) * scale, height / 2 - (y - (low + high) / 2) * scale];
  const dot = (/** @type {number[]} */ [x, y], /** @type {number} */ radius, /** @type {string} */ ink) => {
    context.fillStyle = colour(ink);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  };
  const clip = place(points[points.length - 1]);
  for (const point of points.slice(shown, -1)) dot(place(point), 3, "--quiet");
  const marked = (/** @type {number} */ rank) => (rank === at ? "--record" : "--accent");
  // The one that is pointed at comes last, over the others.
  for (const rank of [...Array(shown).keys()].sort((one, other) => Number(one === at) - Number(other === at))) {
    const here = place(points[rank]);
    const box = { x: width - tile.width, y: rank * row + 3, ...tile };
    context.strokeStyle = colour(marked(rank));
    context.lineWidth = rank === at ? 3.5 : 1.5;
    context.beginPath();
    context.moveTo(clip[0], clip[1]);
    context.lineTo(here[0], here[1]);
    context.lineTo(box.x, box.y + box.height / 2);
    context.stroke();
    dot(here, 6, marked(rank));
    const picture = thumbnail(results[rank].id);
    context.fillStyle = colour("--mat");
    context.fillRect(box.x, box.y, box.width, box.height);
    if (picture) cover(context, picture, box);
    context.strokeRect(box.x, box.y, box.width, box.height);
  }
  dot(clip, size * 0.6, "--record");
  label(sheet, you, clip[0] - size, clip[1] - 1.6 * size);
}

/** What each moment adds to the best picture's score, and their sum as it grows. @param {Sheet} sheet @param {Stages} stages @param {number} at the moment under the hand */
export function drawScore(sheet, { frames, recipe, score_by_moment: parts }, at) {
  const { context, width, height, colour } = sheet;
  const top = height * TOP.score;
  spectrogram(sheet, { x: 0, y: 0, width, height: top - GAP }, frames, recipe.bands.length);
  /** @type {number[]} */
  const sums = [];
  for (const part of parts) sums.push((sums.at(-1) ?? 0) + part);
  const [most, least] = [Math.max(...sums, ...parts, 1e-6), Math.min(...sums, ...parts, 0)];
  const room = height - top - GAP;
  const zero = top + (most / (most - least)) * room;
  const y = (/** @type {number} */ value) => zero - (value / (most - least)) * room;
  const column = width / parts.length;
  parts.forEach((value, moment) => {
    context.fillStyle = colour(moment === at ? "--record" : value >= 0 ? "--accent" : "--quiet");
    context.fillRect(moment * column, Math.min(zero, y(value)), Math.max(1, column - 1), Math.max(1, Math.abs(y(value) - zero)));
  });
  context.strokeStyle = colour("--ink");
  context.lineWidth = 3;
  context.beginPath();
  sums.forEach((sum, moment) => context.lineTo((moment + 0.5) * column, y(sum)));
  context.stroke();
  context.fillStyle = colour("--line");
  context.fillRect(0, zero, width, 1);
}

/** @param {Sheet} sheet @param {Box} box @param {Float32Array} frames @param {number} bands */
function spectrogram({ context }, box, frames, bands) {
  const table = ramp(dark());
  image(context, box, frames.length / bands, bands, (y, x) => pick(table, shade(frames[x * bands + bands - 1 - y])));
}

/** @param {Uint8ClampedArray} table @param {number} share */
const pick = (table, share) => {
  const at = Math.round(255 * Math.min(1, Math.max(0, share))) * 4;
  return [table[at], table[at + 1], table[at + 2]];
};

/** Weights in two colours: one for, one against. @param {Float32Array} weights frame by frame @param {Sheet} sheet */
function signed(weights, { colour }) {
  const most = weights.reduce((greatest, weight) => Math.max(greatest, Math.abs(weight)), 1e-6);
  const [positive, negative, ground] = ["--accent", "--record", "--paper"].map((name) => rgb(colour(name)));
  return (/** @type {number} */ frame, /** @type {number} */ band, /** @type {number} */ bands) => {
    const weight = weights[frame * bands + band] / most;
    const ink = weight >= 0 ? positive : negative;
    return ground.map((from, channel) => from + (ink[channel] - from) * Math.abs(weight));
  };
}

/** @param {string} colour "#rrggbb" */
const rgb = (colour) => [1, 3, 5].map((at) => parseInt(colour.trim().slice(at, at + 2), 16));

/** @param {CanvasRenderingContext2D} context @param {Box} box @param {number} columns @param {number} rows @param {(row: number, column: number, columns: number) => number[]} colour */
function image(context, box, columns, rows, colour) {
  const cells = new OffscreenCanvas(Math.max(1, columns), Math.max(1, rows));
  const paint = /** @type {OffscreenCanvasRenderingContext2D} */ (cells.getContext("2d"));
  const data = paint.createImageData(cells.width, cells.height);
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) data.data.set([...colour(row, column, columns), 255], (row * columns + column) * 4);
  paint.putImageData(data, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(cells, box.x, box.y, box.width, box.height);
}

/** @param {CanvasRenderingContext2D} context @param {HTMLImageElement} picture @param {Box} box that it fills */
function cover(context, picture, box) {
  const scale = Math.max(box.width / picture.naturalWidth, box.height / picture.naturalHeight);
  const [width, height] = [box.width / scale, box.height / scale];
  context.imageSmoothingEnabled = true;
  context.drawImage(picture, (picture.naturalWidth - width) / 2, (picture.naturalHeight - height) / 2, width, height, box.x, box.y, box.width, box.height);
}

/** Words that stay legible on whatever is below them. @param {Sheet} sheet @param {string} text @param {number} x @param {number} y */
function label({ context, width, size, colour }, text, x, y) {
  context.textAlign = "left";
  const room = context.measureText(text).width + 12;
  const left = Math.min(x, width - room);
  context.fillStyle = colour("--paper");
  context.fillRect(left, y - size * 0.75, room, size * 1.5);
  context.fillStyle = colour("--ink");
  context.fillText(text, left + 6, y);
}

const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;
