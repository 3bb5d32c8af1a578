// Types that the page's files share. The first half is what pkg/hearsight.js offers; the second is the page's own.

export type Device = "auto" | "cpu" | "gpu";

export interface Heard {
  /** New log-mel frames, 80 bands each, lowest first; about -1 to 1.5. */
  frames: Float32Array<ArrayBuffer>;
  /** Of the block, in dB below full scale. */
  level: number;
  speaking: boolean;
  ended: boolean;
  seconds: number;
}

export interface Ranking {
  /** Every picture, best first; scores from -1 to 1. */
  results: Match[];
  /** Whether the foremost can be trusted. */
  sure: boolean;
  seconds: number;
  milliseconds: number;
  /** The query's place in the shared space. */
  vector: Float32Array<ArrayBuffer>;
}

/** Something found, with its score from -1 to 1. */
export interface Match {
  id: string;
  score: number;
}

export interface DeviceReport {
  kind: "cpu" | "gpu";
  name: string;
  note: string;
}

export interface Engine {
  device(): DeviceReport;
  /** Takes another speech network's weights and what was taught to it; it answers from then on. */
  improve(speech: Uint8Array, taught: Uint8Array | null): Promise<void>;
  listen(sampleRate: number): void;
  hear(block: Float32Array): Heard;
  rank(): Promise<Ranking>;
  finish(): Promise<Ranking>;
  search(samples: Float32Array, sampleRate: number): Promise<Ranking>;
  frames(samples: Float32Array, sampleRate: number): Float32Array<ArrayBuffer>;
  /** What became of a clip on its way to the ranking. */
  stages(samples: Float32Array, sampleRate: number): Promise<Stages>;
  /** Pictures by how alike they are to one of them, which comes first. */
  alike(picture: string): Ranking;
  addPicture(id: string, vector: Float32Array): void;
  removePicture(id: string): void;
  bringCaptions(index: Uint8Array): void;
  addCaption(id: string, vector: Float32Array): void;
  /** The captions nearest to a picture, best first. */
  describe(picture: string, count: number): Match[];
}

/** A clip on its way to the ranking; of its speech alone. */
export interface Stages {
  /** How sound becomes frames: samples, and the bands' centres in Hz. */
  recipe: { sample_rate: number; window: number; hop: number; bands: number[] };
  /** Where in the clip its speech begins and how long it is, in seconds. */
  start: number;
  seconds: number;
  frames: Float32Array<ArrayBuffer>;
  /** Of the first layer: those that answer most, low pitch first. */
  filters: { number: number; width: number; weights: Float32Array; answers: Float32Array }[];
  filters_in_all: number;
  /** For each head its share of each moment. */
  attention: Float32Array[];
  moments_per_second: number;
  vector: Float32Array<ArrayBuffer>;
  results: Match[];
  sure: boolean;
  /** What each moment adds to the score of the first. */
  score_by_moment: Float32Array<ArrayBuffer>;
  /** The map: a point for each result in its order, then the clip's. */
  points: [number, number][];
  variance_kept: number;
  neighbours_kept: number;
}

/** How the poster's temporal branch hears a clip, layer by layer. */
export interface TemporalTrace {
  /** Frames of the clip, 100 a second. */
  frames: number;
  layers: {
    /** "banks", "local", "pool", "stack-1" or "stack-2". */
    name: string;
    kernel: number;
    dilation: number;
    /** Frames of the past, the present one included, that its output depends on. */
    field: number;
    /** Mean size of its answers at each of its steps. */
    activation: number[];
  }[];
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

/** The poster's systems, in the worker. */
export interface Systems {
  bring(name: SystemName, weights: Uint8Array): void;
  /** Never sure; scores are inner products of any size. */
  rank(name: SystemName, samples: Float32Array, sampleRate: number): Promise<Ranking>;
  /** Of P2, which must have been brought. */
  temporal(samples: Float32Array, sampleRate: number): Promise<TemporalTrace>;
  facts(name: SystemName): SystemFacts;
}

/** The visitor's own pictures, in the worker. */
export interface Pictures {
  bring(weights: Uint8Array): void;
  see(id: string, title: string, file: Uint8Array): Promise<OwnPicture>;
  why(engine: Engine, picture: string, file: Uint8Array, samples: Float32Array, sampleRate: number): Promise<Explanation>;
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

export interface OwnPicture {
  id: string;
  title: string;
  width: number;
  height: number;
  /** A JPEG to show. */
  copy: Uint8Array<ArrayBuffer>;
  /** Its place in the shared space. */
  vector: Float32Array<ArrayBuffer>;
}

/** Bytes of a file that hold the next numbers of a tensor. */
export interface Piece {
  name: string;
  start: number;
  end: number;
}

export interface Vgg16 {
  /** Takes the first MiB of a safetensors file of `size` bytes. */
  begin(header: Uint8Array, size: number): Piece[];
  put(name: string, bytes: Uint8Array): void;
  finish(): void;
  features(picture: Uint8Array): Promise<Float32Array<ArrayBuffer>>;
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

export interface Teaching {
  take(role: Role, picture: string, samples: Float32Array, sampleRate: number, view: number): Promise<void>;
  begin(): Promise<[string, string][]>;
  step(): Promise<{ step: number; loss: number }>;
  examine(): Promise<[Exam, Exam]>;
  compare(samples: Float32Array, sampleRate: number, count: number): Promise<[Match[], Match[]]>;
  taught(name: string, made: string): Promise<TaughtFile>;
  free(): void;
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

export interface Microphone {
  readonly sampleRate: number;
  readonly label: string;
  close(): void;
}

export interface Package {
  default(options: { module_or_path: WebAssembly.Module }): Promise<unknown>;
  Engine: { start(options: { device: Device; speech: Uint8Array; index: Uint8Array }): Promise<Engine> };
  Pictures: new (engine: Engine) => Pictures;
  Vgg16: new (engine: Engine) => Vgg16;
  Systems: new (engine: Engine) => Systems;
  Teaching: { start(engine: Engine, options: TeachOptions): Teaching };
  readTaught(file: Uint8Array): TaughtFile;
  renameTaught(file: Uint8Array, name: string): TaughtFile;
  wav(samples: Float32Array, sampleRate: number): Uint8Array<ArrayBuffer>;
  pack(files: ArchiveFile[]): Uint8Array<ArrayBuffer>;
  unpack(zip: Uint8Array): ArchiveFile[];
  readPairs(table: Uint8Array): Row[];
  writePairs(rows: Row[]): Uint8Array<ArrayBuffer>;
  Microphone: { open(port: MessagePort, workletUrl: string): Promise<Microphone> };
}

/** Mono sound. */
export interface Clip {
  samples: Float32Array<ArrayBuffer>;
  sampleRate: number;
}

/** What a worker needs to start, kept by the page so that a second worker needs no download. */
export interface Parts {
  module: WebAssembly.Module;
  speech: Uint8Array;
  index: Uint8Array;
  /** Whether `speech` is the whole network, and not the student that answers first. */
  isWhole: boolean;
}

export interface Picture {
  id: string;
  title: string;
  alt: string;
  author: string;
  licence: string;
  source: string;
  group: string;
  file: string;
  width: number;
  height: number;
}

/** A spoken caption of the library. */
export interface Caption {
  id: string;
  /** Id of the picture that it was made for. */
  picture: string;
  text: string;
  voice: string;
  /** "train" where it may be rehearsed, "dev" where it is to be measured by. */
  split: string;
  file: string;
}

/** An error on its way to the page: a code, perhaps a sentence, and what a translated one is made of. */
export interface Said {
  name: string;
  message: string;
  details?: Record<string, unknown>;
}

/** Page to worker. Each is answered by a `Reply` of the same id. */
export type Request = { id: number } & (
  | { call: "start"; device: Device; parts: Parts }
  | { call: "improve"; speech: Uint8Array; taught: Uint8Array | null }
  | { call: "listen"; port: MessagePort; sampleRate: number }
  | { call: "finish" }
  | { call: "cancel" }
  | { call: "search"; clip: Clip }
  | { call: "frames"; clip: Clip }
  | { call: "stages"; clip: Clip }
  | { call: "alike"; picture: string }
  | { call: "pictures-kept" }
  | { call: "pictures-bring"; weights: Uint8Array }
  | { call: "pictures-see"; picture: string; title: string; file: File }
  | { call: "pictures-explain"; picture: string; file: Blob; clip: Clip }
  | { call: "pictures-add"; picture: string; vector: Float32Array }
  | { call: "pictures-remove"; picture: string }
  | { call: "teach-start"; options: TeachOptions }
  | { call: "teach-take"; role: Role; picture: string; clip: Clip; view: number }
  | { call: "teach-begin" }
  | { call: "teach-step" }
  | { call: "teach-examine" }
  | { call: "teach-compare"; clip: Clip; count: number }
  | { call: "teach-result"; name: string; made: string }
  | { call: "teach-end" }
  | { call: "taught-read"; file: Uint8Array; name: string | null }
  | { call: "pack"; files: ArchiveFile[]; rows: Row[] }
  | { call: "unpack"; zip: Uint8Array }
  | { call: "read-pairs"; table: Uint8Array }
  | { call: "wav"; clip: Clip }
  | { call: "captions"; index: Uint8Array }
  | { call: "caption"; caption: string; vector: Float32Array }
  | { call: "describe"; picture: string; count: number }
  | { call: "systems-bring"; name: SystemName; weights: Uint8Array }
  | { call: "systems-rank"; name: SystemName; clip: Clip }
  | { call: "systems-temporal"; clip: Clip }
  | { call: "systems-facts"; name: SystemName }
  | { call: "vgg16-begin"; header: Uint8Array<ArrayBuffer>; size: number }
  | { call: "vgg16-put"; name: string; bytes: Uint8Array<ArrayBuffer> }
  | { call: "vgg16-finish" }
  | { call: "vgg16-features"; picture: Uint8Array<ArrayBuffer> }
);

export type Reply =
  | { id: number; result: unknown }
  | { id: number; error: Said };

/** Worker to page, unasked. */
export type Event =
  | { event: "heard"; heard: Heard }
  | { event: "ranking"; ranking: Ranking }
  | { event: "crashed"; reason: string; clip: Clip | null };
