/** Where the networks shall run; "auto" measures. */
export type Device = "auto" | "cpu" | "gpu";

export interface EngineOptions {
  device: Device;
  /** The speech network's weights: student.safetensors or speech.safetensors. */
  speech: Uint8Array;
  /** The pictures' vectors: index.safetensors. */
  index: Uint8Array;
}

export interface DeviceReport {
  kind: "cpu" | "gpu";
  /** A few words: "WebGPU (apple)". */
  name: string;
  /** Why this one. "only": no graphics processor answers; "software": WebGPU runs on the processor here; "differs" and
   * "late": the graphics processor failed its self-test, or did not end it in time; "faster": both were measured. */
  why: "asked" | "only" | "software" | "differs" | "late" | "faster";
  /** What each took for one clip of typical length, in milliseconds, where both were measured. */
  measured: { cpu: number; gpu: number } | null;
}

export interface Heard {
  /** New log-mel frames, 80 bands each, lowest first; about -1 to 1.5. */
  frames: Float32Array<ArrayBuffer>;
  /** Of the block, in dB below full scale. */
  level: number;
  speaking: boolean;
  ended: boolean;
  seconds: number;
}

/** Something found, with its score from -1 to 1. */
export interface Match {
  id: string;
  score: number;
}

export interface Ranking {
  /** The pictures, best first, 2000 at most. */
  results: Match[];
  /** Whether the foremost can be trusted. */
  sure: boolean;
  /** Seconds of sound that were ranked by. */
  seconds: number;
  /** From the call to the ranking. */
  milliseconds: number;
  /** The query's place in the shared space: 384 numbers, of length 1. */
  vector: Float32Array<ArrayBuffer>;
}

/** A clip on its way to a ranking: the numbers of every stage. */
export interface Stages {
  /** How sound becomes frames. `window` and `hop` are in samples, `bands` are their middles in Hz. */
  recipe: { sample_rate: number; window: number; hop: number; bands: number[] };
  /** Where in the clip its speech begins, and how long it is, in seconds. */
  start: number;
  seconds: number;
  /** 80 numbers each, 100 a second. */
  frames: Float32Array<ArrayBuffer>;
  /** Of the first convolution: those that answer most, low pitch first. */
  filters: Filter[];
  filters_in_all: number;
  /** For each head its share of each moment. */
  attention: Float32Array<ArrayBuffer>[];
  moments_per_second: number;
  /** The word-like units that were read, in their order; none where the network reads whole clips only. */
  units: ReadUnit[];
  vector: Float32Array<ArrayBuffer>;
  results: Match[];
  sure: boolean;
  /** What each moment adds to the score of the first. */
  score_by_moment: Float32Array<ArrayBuffer>;
  /** Of the results in their order, and of the clip behind them. */
  points: [number, number][];
  /** Share of the variance that the map keeps, and of each point's neighbours. */
  variance_kept: number;
  neighbours_kept: number;
}

export interface ReadUnit {
  /** The piece of a word that it was learned from; "▁" stands before what begins one. */
  spelling: string;
  /** Seconds of speech. */
  start: number;
  end: number;
  /** Length of its meaning: words that name nothing have a short one. */
  weight: number;
  /** The three nearest to its meaning. */
  pictures: string[];
}

export interface Filter {
  number: number;
  /** Frames that it sees at once. */
  width: number;
  weights: Float32Array<ArrayBuffer>;
  answers: Float32Array<ArrayBuffer>;
}

/** The poster's systems: P0 and P1 share a network, P2 adds the temporal branch. */
export type SystemName = "p0" | "p1" | "p2";

/** One of the poster's systems: how it was trained and what was measured. */
export interface SystemFacts {
  name: SystemName;
  /** In words: network; loss. */
  what: string;
  /** Of the audio network. */
  parameters: number;
  /** Of the audio network for 10.24 seconds. */
  mega_flop: number;
  /** The frozen network that the pictures' features come from. */
  picture_network: string;
  trained: { clips: number; pictures: number; steps: number; batch: number; optimizer: string; learning_rate: number; objective: string; seed: number };
  /** Of speech to picture, on pictures and voices that it was not trained on; shares from 0 to 1. */
  measured: { pictures: number; clips: number; r1: number; r5: number; r10: number; r10_interval: [number, number]; median_rank: number };
}

/** How the poster's temporal branch hears a clip, layer by layer. */
export interface TemporalTrace {
  /** Frames of the clip's speech, 100 a second; 1024 at most. */
  frames: number;
  layers: {
    /** "banks", "local", "pool", "stack-1" or "stack-2"; a stack has a layer for each of its blocks. */
    name: string;
    kernel: number;
    dilation: number;
    /** Frames from one of its steps to the next. */
    step: number;
    /** How many of the clip's last frames its output at the last step depends on. */
    field: number;
    /** Mean size of its answers at each of its steps. */
    activation: number[];
  }[];
}

export interface OwnPicture {
  id: string;
  title: string;
  width: number;
  height: number;
  /** A JPEG to show. */
  copy: Uint8Array<ArrayBuffer>;
  /** Whether the file ends before its picture does: what is missing is grey. */
  cut: boolean;
  /** Its place in the shared space. */
  vector: Float32Array<ArrayBuffer>;
}

/** Why a picture answers a clip: a number for each moment and region, which add up to the score. */
export interface Explanation {
  moments: number;
  /** Regions along a side of the picture. */
  side: number;
  /** Where in the clip the moments begin, and how long each is, in seconds. */
  start: number;
  step: number;
  /** Moment by moment, region by region, row by row. */
  values: Float32Array<ArrayBuffer>;
  score: number;
}

/** Bytes of a file that hold the next numbers of a tensor. */
export interface Piece {
  name: string;
  start: number;
  end: number;
}

/** What a clip of a lesson is there for: the visitor's to learn or to measure by, the gallery's to rehearse or to measure by. */
export type Role = "learn" | "examine" | "rehearse" | "remember";

export interface TeachOptions {
  /** The weights that ship. */
  speech: Uint8Array;
  /** What was taught to them before. */
  taught: Uint8Array | null;
  part: "head" | "last-block" | "all";
  loss: "amm" | "info-nce" | "six-terms" | "baseline";
  learningRate: number;
  steps: number;
  seed: number;
}

export interface Score {
  pictures: number;
  clips: number;
  r1: number;
  r10: number;
  r1_interval: [number, number];
  r10_interval: [number, number];
}

export interface Exam {
  taught: Score | null;
  gallery: Score | null;
}

/** The record of something taught. */
export interface About {
  name: string;
  /** ISO 8601. */
  made: string;
  base: string;
  recipe: { part: string; steps: number; learning_rate: number };
  steps: number;
  pictures: number;
  recordings: number;
  rehearsed: number;
  losses: [number, number][];
  before: Exam;
  after: Exam;
}

export interface TaughtFile {
  about: About;
  file: Uint8Array<ArrayBuffer>;
}

export interface ArchiveFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Of a table of pairs. */
export interface Row {
  image: string;
  audio: string;
  text: string;
  language: string;
  voice: string;
  split: string;
}

/** One loss at work on a few pairs of the gallery. */
export interface ExperimentOptions {
  loss: "baseline" | "six-terms";
  learningRate: number;
  /** The same seed has the same pairs, weights and batches. */
  seed: number;
  /** Ids of spoken captions, each with that of its picture. */
  pairs: [string, string][];
}

/** What an experiment has pulled together so far. */
export interface Pulled {
  /** Training pairs; as many are held out. */
  pairs: number;
  /** The map: a point for each caption, then one for each picture in the same order. */
  points: [number, number][];
  variance_kept: number;
  neighbours_kept: number;
  /** Share of captions whose picture is nearest, of the training pairs and of those held out. */
  found: number;
  held_out_found: number;
  /** Mean cosine of a training caption with its picture, and with the others. */
  own: number;
  others: number;
}
