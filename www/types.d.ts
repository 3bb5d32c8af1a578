// Types that the page's files share: those of pkg/, which are made from the Rust structs, and the page's own.

import type { DeviceReport, Engine, EngineOptions, Experiment, Heard, Pictures, Ranking, Systems, TeachOptions, Teaching, Vgg16 } from "../pkg/hearsight.js";

import type { Place } from "./photos/pack.js";

export type * from "../pkg/hearsight.js";

/** What pkg/ offers, and its program with threads besides. */
export type Package = typeof import("../pkg/hearsight.js") & {
  /** Has so many helpers share the calling thread's work. */
  shareWork?: (helpers: number) => void;
  /** Is one of them, and never comes back. */
  help?: () => void;
};

/** Mono sound. */
export interface Clip {
  samples: Float32Array<ArrayBuffer>;
  sampleRate: number;
}

/** The package's program, compiled: one of those for the processor, or that with WebGPU. */
export interface Program {
  module: WebAssembly.Module;
  /** Address of the JavaScript that goes with it. */
  glue: string;
  /** Threads that it shares its work with. */
  helpers: number;
}

/** What such a thread is given. */
export interface Shared extends Program {
  memory: WebAssembly.Memory;
}

/** What a worker needs to start, kept by the page so that a second worker needs no download. */
export interface Parts extends Program {
  speech: Blob;
  index: Blob;
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
  /** What is shown of one of the visitor's own, read when it is shown; then `file` is empty. */
  read?: () => Promise<Blob | null>;
  /** The file that it is, while it can be reached. */
  original?: () => Promise<Blob | null>;
  /** How many files it is, where these are more than one. */
  copies?: number;
  /** When and where it was taken, where its file says so. */
  taken?: string | null;
  where?: [number, number] | null;
  /** Paths of the files that it is. */
  paths?: string[];
  width: number;
  height: number;
}

/** A file as it is known without being opened. */
export interface Source {
  /** With the folders that it came in, where it came in some. */
  path: string;
  size: number;
  /** Milliseconds since 1970. */
  modified: number;
  /** Id of the folder that the browser lets us look through again. */
  folder: string | null;
}

/** One of the visitor's own pictures, as the browser keeps it. */
export interface KeptPicture {
  id: string;
  title: string;
  width: number;
  height: number;
  /** SHA-256 of the file that it was; pictures from before, and pages that are not secure, have none. */
  content: string | null;
  /** Which picture network gave its vector; null for the first one. */
  network: string | null;
  /** The files that it is, more than one where there are copies. */
  sources: Source[];
  /** By the clock of the camera: `2026-11-29T12:00:00`. */
  taken: string | null;
  /** Latitude and longitude in degrees. */
  where: [number, number] | null;
  /** In the pack. */
  lies: Place;
}

/** A file that was looked at and is no picture here. */
export interface LeftOut extends Source {
  why: Said;
  /** Which batch has it. */
  batch?: string;
}

/** What is kept of own pictures at once. */
export interface Batch {
  id: string;
  pictures: KeptPicture[];
  left: LeftOut[];
}

/** One of the visitor's own pictures as it was kept before there were packs. */
export interface OldPicture {
  id: string;
  title: string;
  width: number;
  height: number;
  copy: Uint8Array<ArrayBuffer>;
  vector: Float32Array<ArrayBuffer>;
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

/** What the worker does besides the program: its life, and the microphone's live query. */
export interface Here {
  start(program: Program, options: EngineOptions): Promise<DeviceReport>;
  /** In the place of an engine only what looks at pictures, on the processor. */
  look(program: Program): Promise<void>;
  /** A new object of the engine's in the place of the one that had this name. */
  make<Kind extends "Teaching" | "Experiment">(room: string, kind: Kind, options: Parameters<Package[Kind]["start"]>[1]): Promise<void>;
  /** Its memory is given back. */
  free(room: string): void;
  listen(port: MessagePort, sampleRate: number): Promise<void>;
  /** The final ranking, or why there is none, with the clip; null when nothing was being heard. */
  finish(): Promise<{ clip: Clip; ranking?: Ranking; error?: Said } | null>;
  cancel(): void;
}

/** The worker's objects by name: a method of theirs can be called from the page. */
export interface Rooms {
  here: Here;
  program: Package;
  engine: Engine;
  pictures: Pictures;
  systems: Systems;
  vgg16: Vgg16;
  lesson: Teaching;
  baseline: Experiment;
  "six-terms": Experiment;
}

/** Bytes may cross as the file that they are in, or move. */
export type Sent<T> = T extends Uint8Array ? T | Blob | ArrayBuffer : T extends EngineOptions | TeachOptions ? { [Name in keyof T]: Uint8Array extends T[Name] ? T[Name] | Blob : T[Name] } : T;

/** An object in another thread. */
export type Remote<T> = {
  [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: { [Place in keyof Args]: Sent<Args[Place]> }) => Promise<Awaited<Result>>
    : never;
};

/** Page to worker: answered by a `Reply` of the same id. */
export interface Call {
  id: number;
  room: string;
  method: string;
  args: unknown[];
}

export type Reply =
  | { id: number; result: unknown }
  | { id: number; error: Said };

/** Worker to page, unasked. */
export type Event =
  | { event: "heard"; heard: Heard }
  | { event: "ranking"; ranking: Ranking }
  | { event: "shares"; memory: WebAssembly.Memory; helpers: number }
  | { event: "crashed"; reason: string; clip: Clip | null };
