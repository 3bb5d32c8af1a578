// The stages of the lesson "How it works": of each its words, what can be pointed at, its numbers and its drawing.
import { FRAMES, TOP, drawFilters, drawFrames, drawMap, drawMoments, drawScore, drawSound, drawTemporal, drawVector } from "./stage-drawings.js";
import { texts } from "../texts.js";

/** @import { Sheet } from "./stage-drawings.js" */
/** @import { Clip, Stages, TemporalTrace } from "../types.d.ts" */
/** @typedef {{ clip: Clip, stages: Stages, temporal: TemporalTrace | null }} Followed a clip and what became of it */
/** @typedef {[string, string]} Fact what it is, and its number */
/**
 * @typedef {object} Stage
 * @property {string} title
 * @property {(followed: Followed) => string} text
 * @property {(followed: Followed) => number} places that can be pointed at
 * @property {(followed: Followed) => number} first of them that is pointed at
 * @property {number} [across] share of the drawing's width over which the places lie side by side
 * @property {number} [below] share of its height below which they lie one under the other
 * @property {(followed: Followed, at: number) => Fact[]} facts
 * @property {(sheet: Sheet, followed: Followed, at: number) => void} [draw] none where the ranking itself is shown
 */

/** Place of the stage that needs the poster's second system; 0 is where the visitor speaks. */
export const TEMPORAL = 4;
/** So many pictures of the map can be pointed at. */
const MAPPED = 6;

/** @param {ArrayLike<number>} values */
const strongest = (values) => Array.from(values).reduce((best, value, at) => (value > values[best] ? at : best), 0);

/**
 * @param {(id: string) => HTMLImageElement | null} thumbnail @param {(id: string) => string} titleOf
 * @returns {Stage[]} in the order in which sound goes through them
 */
export function stagesOf(thumbnail, titleOf) {
  const told = texts.how;
  const { number } = told;
  /** @param {Stages} stages */
  const frames = (stages) => stages.frames.length / stages.recipe.bands.length;
  /** The centre of a frame, in seconds. @param {Stages} stages @param {number} frame */
  const second = ({ recipe }, frame) => (frame * recipe.hop) / recipe.sample_rate;
  /** @param {Stages} stages @param {number} frame */
  const loudest = ({ frames: values, recipe: { bands } }, frame) => bands[strongest(values.subarray(frame * bands.length, (frame + 1) * bands.length))];
  /** @param {Stages} stages */
  const best = ({ results }) => titleOf(results[0]?.id ?? "");

  return [
    {
      title: told.sound.title,
      text: ({ clip, stages }) => told.sound.text(clip.sampleRate, stages.recipe.sample_rate),
      places: () => 0,
      first: () => 0,
      facts: ({ clip, stages: { start, seconds, recipe } }) => [
        [told.sound.recorded, number(clip.samples.length)],
        [told.sound.speech, told.seconds(seconds)],
        [told.sound.begins, told.seconds(start)],
        [told.sound.heard, number(Math.round(seconds * recipe.sample_rate))],
      ],
      draw: (sheet, { clip, stages }) => drawSound(sheet, clip, stages),
    },
    {
      title: told.frames.title,
      text: ({ stages: { recipe } }) => told.frames.text((1000 * recipe.hop) / recipe.sample_rate, (1000 * recipe.window) / recipe.sample_rate, recipe.bands.length),
      places: ({ stages }) => frames(stages),
      first: ({ stages }) => Math.floor(frames(stages) / 2),
      across: FRAMES,
      facts: ({ stages }, at) => [
        [told.frames.frame, told.of(at + 1, frames(stages))],
        [told.frames.at, told.seconds(second(stages, at))],
        [told.frames.loudest, told.hertz(loudest(stages, at))],
        [told.frames.all, number(stages.frames.length)],
      ],
      draw: (sheet, { stages }, at) => drawFrames(sheet, stages, at, told.hertz),
    },
    {
      title: told.filters.title,
      text: ({ stages: { filters, filters_in_all } }) => told.filters.text(filters_in_all, filters[0].width, filters.length),
      places: ({ stages }) => stages.filters.length,
      first: () => 0,
      below: TOP.filters,
      facts: ({ stages }, at) => {
        const { number: which, answers } = stages.filters[at];
        const where = strongest(answers);
        return [
          [told.filters.filter, told.of(which + 1, stages.filters_in_all)],
          [told.filters.strongest, told.seconds(second(stages, where))],
          [told.filters.answer, told.value(answers[where])],
        ];
      },
      draw: (sheet, { stages }, at) => drawFilters(sheet, stages, at),
    },
    {
      title: told.temporal.title,
      text: () => told.temporal.text,
      places: ({ temporal }) => temporal?.layers.length ?? 0,
      first: () => 0,
      below: TOP.temporal,
      facts: ({ stages, temporal }, at) => {
        if (!temporal) return [];
        const layer = temporal.layers[at];
        return [
          [told.temporal.layer, told.of(at + 1, temporal.layers.length)],
          [told.temporal.dilation, number(layer.dilation)],
          [told.temporal.field, told.temporal.frames(layer.field, second(stages, layer.field))],
          [told.temporal.speech, told.temporal.frames(temporal.frames, second(stages, temporal.frames))],
        ];
      },
      draw: (sheet, { stages, temporal }, at) => {
        if (temporal) drawTemporal(sheet, stages, temporal, at, (layer) => told.temporal.layerName(layer.name, layer.kernel, layer.dilation));
      },
    },
    {
      title: told.moments.title,
      text: ({ stages: { attention, moments_per_second, units } }) => [told.moments.text(moments_per_second, attention.length), ...(units.length > 0 ? [told.moments.units] : [])].join(" "),
      places: ({ stages }) => stages.attention.length,
      first: () => 0,
      below: TOP.moments,
      facts: ({ stages: { attention, moments_per_second, units } }, at) => {
        const where = strongest(attention[at]);
        return [
          [told.moments.head, told.of(at + 1, attention.length)],
          [told.moments.most, told.seconds((where + 0.5) / moments_per_second)],
          [told.moments.share, told.percent(attention[at][where])],
          [told.moments.moments, number(attention[at].length)],
          [told.moments.read, number(units.length)],
        ];
      },
      draw: (sheet, { stages }, at) => drawMoments(sheet, stages, thumbnail, at),
    },
    {
      title: told.vector.title,
      text: ({ stages: { vector } }) => told.vector.text(vector.length),
      places: ({ stages }) => stages.vector.length,
      first: ({ stages }) => strongest(stages.vector.map(Math.abs)),
      across: 1,
      facts: ({ stages: { vector } }, at) => [
        [told.vector.place, told.of(at + 1, vector.length)],
        [told.vector.value, told.value(vector[at])],
        [told.vector.length, told.value(Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)))],
      ],
      draw: (sheet, { stages }, at) => drawVector(sheet, stages, at),
    },
    {
      title: told.map.title,
      text: ({ stages }) => told.map.text(stages.vector.length, stages.points.length - 1),
      places: ({ stages }) => Math.min(MAPPED, stages.results.length),
      first: () => 0,
      below: 0,
      facts: ({ stages }, at) => [
        [told.map.near(at + 1), titleOf(stages.results[at]?.id ?? "")],
        [told.map.score, texts.score(stages.results[at]?.score ?? 0)],
        [told.map.variance, told.percent(stages.variance_kept)],
        [told.map.neighbours, told.percent(stages.neighbours_kept)],
      ],
      draw: (sheet, { stages }, at) => drawMap(sheet, stages, thumbnail, at, MAPPED, told.map.you),
    },
    {
      title: told.score.title,
      text: ({ stages }) => told.score.text(best(stages)),
      places: ({ stages }) => stages.score_by_moment.length,
      first: ({ stages }) => strongest(stages.score_by_moment),
      across: 1,
      facts: ({ stages: { score_by_moment: parts, moments_per_second, results } }, at) => [
        [told.score.moment, told.seconds((at + 0.5) / moments_per_second)],
        [told.score.adds, told.value(parts[at])],
        [told.score.sofar, told.value(parts.subarray(0, at + 1).reduce((sum, part) => sum + part, 0))],
        [told.score.all, told.value(results[0]?.score ?? 0)],
      ],
      draw: (sheet, { stages }, at) => drawScore(sheet, stages, at),
    },
    {
      title: told.ranking.title,
      text: ({ stages }) => told.ranking.text(stages.results.length, stages.sure),
      places: () => 0,
      first: () => 0,
      facts: ({ stages: { results } }) => [
        [told.ranking.first, texts.score(results[0]?.score ?? 0)],
        [told.ranking.lead, texts.score((results[0]?.score ?? 0) - (results[1]?.score ?? 0))],
        [told.ranking.last, texts.score(results.at(-1)?.score ?? 0)],
      ],
    },
  ];
}
