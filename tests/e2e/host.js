// A host of the page for the tests, which can publish a new version, spoil a file, and be gone. Its files are those of BASE_URL.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { BASE_URL } from "./browser.js";

const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", css: "text/css", json: "application/json", wasm: "application/wasm", webmanifest: "application/manifest+json", svg: "image/svg+xml", webp: "image/webp", png: "image/png", ogg: "audio/ogg", opus: "audio/ogg" };
const PACKED = /\.(html|js|css|json|wasm|svg)$/;
const headers = await readFile(new URL("../../docs/hosting/_headers", import.meta.url), "utf8");
const POLICY = Object.fromEntries(headers.split("\n").filter((line) => line.startsWith("  ")).map((line) => line.trim().split(/: (.*)/)));

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** What was packed once, by content. @type {Map<string, Buffer>} */
const packed = new Map();

/** What the page is made of, fetched once: the list, and its files by path. */
let site = null;
async function fetchSite(tries = 3) {
  const get = async (path) => {
    const response = await fetch(new URL(path.split("/").map(encodeURIComponent).join("/"), BASE_URL));
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  };
  const list = JSON.parse(await get("files.json"));
  const files = new Map([["service-worker.js", await get("service-worker.js")]]);
  const paths = list.files.map(({ path }) => path);
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let path = paths.pop(); path; path = paths.pop()) files.set(path, await get(path));
  }));
  const wrong = list.files.find(({ path, bytes, sha256: hash }) => files.get(path).length !== bytes || sha256(files.get(path)) !== hash);
  if (!wrong) return { list, files };
  // Somebody may be working on the page.
  if (tries > 1) return fetchSite(tries - 1);
  throw new Error(`files.json is wrong about ${wrong.path}`);
}

export class Host {
  /** Paths in the order in which they were asked for. */
  asked = [];
  /** What was sent: bodies only, in bytes, as they went over the line and as they came out of it; in milliseconds since 1970. @type {{ path: string, at: number, sent: number, bytes: number }[]} */
  sent = [];
  /** Of a path: what is sent in the place of the file, or null for no answer at all. */
  spoilt = new Map();
  #files;
  #list;
  #folder;
  #policy;
  #server;

  /**
   * @param {object} options
   * @param {string} [options.folder] of the host in which the page lies, with slashes
   * @param {RegExp} [options.later] what is not fetched before somebody asks for it, besides what the list says
   * @param {boolean} [options.development]
   * @param {Record<string, string>} [options.policy] headers of every answer
   */
  static async open({ folder = "/", later, development, policy = POLICY } = {}) {
    site ??= await fetchSite();
    const host = new Host();
    host.#files = new Map(site.files);
    host.#folder = folder;
    host.#policy = policy;
    host.#list = { ...site.list, development, files: site.list.files.map((file) => (later?.test(file.path) ? { ...file, asked: true } : file)) };
    await host.start();
    return host;
  }

  get address() {
    return `http://localhost:${this.port}${this.#folder}`;
  }

  text(path) {
    return this.#files.get(path).toString();
  }

  /** Puts files in the place of others, there and in the list; what is in no list is there all the same. @param {Record<string, string>} contents by path */
  publish(contents) {
    for (const [path, content] of Object.entries(contents)) {
      const bytes = Buffer.from(content);
      this.#files.set(path, bytes);
      this.#list.files = this.#list.files.map((file) => (file.path === path ? { ...file, bytes: bytes.length, sha256: sha256(bytes) } : file));
    }
  }

  /** Bytes of all files that are fetched unasked. */
  get bytes() {
    return this.#list.files.filter(({ asked }) => !asked).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Packs everything as hosts do, so that nobody waits for it later. */
  pack() {
    for (const [path, content] of this.#files) if (PACKED.test(path)) packed.set(sha256(content), gzipSync(content, { level: 6 }));
  }

  async start() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    await new Promise((resolve) => this.#server.listen(this.port ?? 0, "localhost", resolve));
    this.port = this.#server.address().port;
  }

  /** No socket is left. */
  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request, response) {
    const { pathname } = new URL(request.url, this.address);
    if (!pathname.startsWith(this.#folder)) return response.writeHead(404).end();
    const path = decodeURIComponent(pathname.slice(this.#folder.length)) || "index.html";
    this.asked.push(path);
    const content = this.spoilt.has(path) ? this.spoilt.get(path) : path === "files.json" ? Buffer.from(JSON.stringify(this.#list)) : this.#files.get(path);
    if (content === null) return;
    if (content === undefined) return response.writeHead(404, this.#policy).end("nothing");
    const hash = sha256(content);
    const etag = `"${hash}"`;
    const head = { ...this.#policy, etag, "cache-control": "no-cache", "content-type": TYPES[path.split(".").at(-1)] ?? "application/octet-stream" };
    const note = (sent, bytes) => this.sent.push({ path, at: Date.now(), sent, bytes });
    if (request.headers["if-none-match"] === etag) {
      note(0, 0);
      return response.writeHead(304, head).end();
    }
    if (!PACKED.test(path) || !/gzip/.test(request.headers["accept-encoding"] ?? "")) {
      note(content.length, content.length);
      return response.writeHead(200, { ...head, "content-length": content.length }).end(content);
    }
    // Quickly, unless it was done before.
    const small = packed.get(hash) ?? gzipSync(content, { level: 1 });
    packed.set(hash, small);
    note(small.length, content.length);
    return response.writeHead(200, { ...head, "content-encoding": "gzip", "content-length": small.length, vary: "accept-encoding" }).end(small);
  }
}

/** A host for as long as a story takes. @param {object} options of `Host.open` @param {(host: Host) => Promise<void>} story */
export async function withHost(options, story) {
  const host = await Host.open(options);
  try {
    await story(host);
  } finally {
    await host.stop().catch(() => {});
  }
}
