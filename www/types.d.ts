// Types that the page's files share: those of pkg/, which stand in src/web/types.d.ts, and the page's own.

import type { ArchiveFile, Device, ExperimentOptions, Heard, OwnPicture, Ranking, Role, Row, SystemName, TeachOptions } from "../pkg/hearsight.js";

export type * from "../pkg/hearsight.js";

/** What pkg/ offers. */
export type Package = typeof import("../pkg/hearsight.js");

/** Mono sound. */
export interface Clip {
  samples: Float32Array<ArrayBuffer>;
  sampleRate: number;
}

/** The package's program, compiled: that for the processor, or that with WebGPU. */
export interface Program {
  module: WebAssembly.Module;
  /** Address of the JavaScript that goes with it. */
  glue: string;
}

/** What a worker needs to start, kept by the page so that a second worker needs no download. */
export interface Parts extends Program {
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
  /** A small copy, where there is one. */
  small?: string;
  width: number;
  height: number;
}

/** One of the visitor's own pictures, as the browser keeps it. */
export interface KeptPicture extends Omit<OwnPicture, "cut"> {
  /** SHA-256 of the file that it was; pictures from before, and pages that are not secure, have none. */
  content?: string | null;
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
  | { call: "experiment-start"; options: ExperimentOptions }
  | { call: "experiment-step"; loss: ExperimentOptions["loss"] }
  | { call: "experiment-look"; loss: ExperimentOptions["loss"] }
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
