// Chromium as a visitor has it: opened on the page at BASE_URL, with or without microphone, WebGPU and permission.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";

export const BASE_URL = process.env.BASE_URL ?? "http://localhost:8080";
/** Compiling the program and loading the weights on two busy cores; WebGPU in software compiles its shaders slowly. */
export const PATIENCE = 180_000;
/** Whether everything is asked for: `cargo xtask test --full`. */
export const FULL = Boolean(process.env.FULL);
/** Why a story is not told otherwise. @param {string} why */
export const onlyFull = (why) => !FULL && why;
export const ONLY_FULL = onlyFull("WebGPU in software takes minutes");

/** A visitor who has nothing against motion. */
export const MOVING = /** @type {const} */ ({ reducedMotion: "no-preference" });

const RESULTS = new URL("results/", import.meta.url);

/** Browsers that run, by what they were started with. @type {Map<string, { browser: Promise<import("playwright-core").Browser>, visits: number }>} */
const running = new Map();

export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** The same without windows, where it is installed: a visit costs a processor a third less. */
const SHELL = "/usr/bin/chromium-headless-shell";
const WITHOUT_WINDOWS = process.env.CHROMIUM ?? (existsSync(SHELL) ? SHELL : CHROMIUM);
/** Of the program only what runs is checked: all of it, page and worker, would be a third of what a visit costs a processor. */
export const LAZY = "--js-flags=--wasm-lazy-validation";
/** Photographs that nobody looks at: to decode and paint them would be a sixth of what a visit costs. */
const UNSEEN = "--blink-settings=imagesEnabled=false";

/** Stories that need the same browser share it, each in a context of its own; a second after the last one it is closed. */
export async function inBrowser(switches, story, executablePath = WITHOUT_WINDOWS) {
  const args = ["--no-sandbox", ...switches];
  const key = [executablePath, ...args].join(" ");
  if (!running.has(key)) {
    const browser = chromium.launch({ executablePath, args });
    running.set(key, { browser, visits: 0 });
  }
  const here = running.get(key);
  here.visits += 1;
  const leave = async () => {
    if (here.visits > 0 || running.get(key) !== here) return;
    running.delete(key);
    await (await here.browser.catch(() => null))?.close();
  };
  try {
    return await story(await here.browser);
  } catch (error) {
    // The next story gets another one, in case it was the browser's fault.
    running.delete(key);
    await (await here.browser.catch(() => null))?.close();
    throw error;
  } finally {
    here.visits -= 1;
    setTimeout(leave, 1000);
  }
}

/**
 * Opens the page and closes it afterwards, whatever happens. The service worker is kept out, because what it
 * answers is hidden from `page.route` and from the watch for strangers; offline.test.js lets it in.
 * Photographs are there where they are `seen`, and in a full run; elsewhere their places are empty.
 * With `whole` the program is checked as visitors' browsers do, and the browser has its windows; so with `gpu`.
 * Motion is unwelcome, as it costs a processor more than the rest of a wall that changes: stories that it may disturb ask for it.
 * Complaints that the page did not mean to make (console errors, uncaught exceptions) are in `page.complaints`.
 */
export async function visit(options, story) {
  const { path = "/?device=cpu", args = [], gpu = false, whole = false, seen = false, permissions = ["microphone"], context: contextOptions, prepare } = options;
  const switches = [...(whole ? [] : [LAZY]), ...(seen || whole || FULL ? [] : [UNSEEN]), ...(gpu ? ["--enable-unsafe-webgpu"] : []), ...args];
  const inContext = async (browser) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions, serviceWorkers: "block", reducedMotion: "reduce", ...contextOptions });
    try {
      return await told(context, new URL(path, BASE_URL), prepare, story);
    } finally {
      await context.close();
    }
  };
  return inBrowser(switches, inContext, gpu || whole ? CHROMIUM : WITHOUT_WINDOWS);
}

/** A story in a context, with the watch that is kept on every one. */
async function told(context, address, prepare, story) {
  context.setDefaultNavigationTimeout(PATIENCE);
  await context.addInitScript(watch);
  const page = await context.newPage();
  page.complaints = [];
  page.strangers = [];
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^https?:$/.test(protocol) && origin !== address.origin) page.strangers.push(request.url());
  });
  page.on("console", (message) => {
    // What a browser asks for by itself is nobody's complaint.
    if (message.type() === "error" && !message.location().url.endsWith("/favicon.ico")) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  await prepare?.(page);
  await page.goto(address.href);
  const result = await story(page);
  // Whatever the story was: the page asked nobody else, and broke no rule of its policy.
  assert.deepEqual(page.strangers, []);
  assert.deepEqual(await page.evaluate(() => window.seen.violations), []);
  return result;
}

/** Runs in the page before its own scripts: keeps the wall's rankings and the layout's shifts. */
function watch() {
  window.seen = { rankings: [], shift: 0, states: [], violations: [] };
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => window.seen.violations.push(`${violatedDirective} ${blockedURI}`));
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  addEventListener("DOMContentLoaded", () => {
    const wall = document.getElementById("wall");
    // The example of the package has none.
    if (!wall) return;
    new MutationObserver(() => {
      window.seen.rankings.push({ kind: wall.dataset.ranking, state: document.body.dataset.state, at: performance.now() });
    }).observe(wall, { attributes: true, attributeFilter: ["data-ranking"] });
    new MutationObserver(() => window.seen.states.push(document.body.dataset.state)).observe(document.body, { attributes: true, attributeFilter: ["data-state"] });
  });
}

/** Waits for one of the page's states; ready is the whole network, not only the student. */
export const reach = (page, state) => page.waitForSelector(`body[data-state="${state}"]${state === "ready" ? '[data-network="whole"]' : ""}`, { timeout: PATIENCE });

/** Waits for the final ranking and the end of its animation. */
export async function finalRanking(page) {
  await page.waitForSelector('#wall[data-ranking="final"]', { timeout: PATIENCE, state: "attached" });
  await reach(page, "ready");
  return order(page);
}

/** The pictures' ids in the document's order. */
export const order = (page) => page.$$eval("#wall > li", (items) => items.map((item) => item.dataset.id));

/** The sentence in the place for alarms. */
export async function alarm(page) {
  await page.waitForFunction(() => document.getElementById("alert").textContent !== "", null, { timeout: PATIENCE });
  return page.textContent("#alert p");
}

/** One plain sentence, or two: what happened and what to do. */
export function assertPlain(text) {
  assert.match(text, /^[A-Z][^{}<>_]{15,200}\.$/, `not a plain sentence: ${text}`);
}

/** To look at; no story needs it. */
export async function screenshot(page, name) {
  if (!FULL) return;
  await mkdir(RESULTS, { recursive: true });
  await page.screenshot({ path: new URL(`${name}.png`, RESULTS).pathname });
}
