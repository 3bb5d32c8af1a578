// What a service worker finds in its own global scope; TypeScript's library has only the page's side. And what it says.

export interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

export interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  /** Who asks; empty for a page that is being opened. */
  readonly clientId: string;
  /** What is being opened: a page, or a page's worker. Empty for everything else. */
  readonly resultingClientId: string;
  respondWith(response: Promise<Response>): void;
}

export interface CallEvent extends ExtendableEvent {
  readonly data: Call;
  readonly source: Client;
  readonly ports: readonly MessagePort[];
}

/** A page or a page's worker. */
export interface Client {
  readonly id: string;
  readonly url: string;
  postMessage(message: News): void;
}

export interface ServiceWorkerScope {
  readonly location: Location;
  readonly clients: {
    get(id: string): Promise<Client | undefined>;
    matchAll(options: { type: "window" | "all"; includeUncontrolled?: boolean }): Promise<Client[]>;
    claim(): Promise<void>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: "message", listener: (event: CallEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}

/** One file of files.json. */
export interface Listed {
  path: string;
  bytes: number;
  sha256: string;
  /** Whether it is fetched only when somebody asks for it. */
  asked?: true;
}

export interface Version {
  /** Of `cargo xtask serve`: pages come from the network while there is one. */
  development: boolean;
  /** SHA-256 of the headers that the host sends. */
  policy: string;
  /** By path. */
  files: Map<string, Listed>;
}

/** What a page asks of the worker: what is kept, or to keep what the host has now. */
export interface Call {
  call: "state" | "keep";
  /** Addresses that the page has asked for. */
  used: string[];
}

/** What the worker tells pages of its own accord: a newer version than theirs is kept. */
export type News = "newer";

export type Answer =
  /** A whole version is kept; `newer` than the page's own. */
  | { state: "kept"; newer: boolean }
  /** Some of it is; ask again. In bytes. */
  | { state: "more"; loaded: number; total: number }
  | { state: "nothing" | "failed" | "full" };
