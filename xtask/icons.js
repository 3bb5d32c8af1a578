// Draws www/icons/ from www/icon.svg with the tests' Chromium: `node xtask/icons.js`, after the drawing has changed.
import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const WWW = new URL("../www/", import.meta.url);
const svg = await readFile(new URL("icon.svg", WWW), "utf8");
// Systems cut these into shapes of their own, so that the ground has to reach into the corners.
const full = svg.replace(/ rx="7"/, "");
if (full === svg) throw new Error("icon.svg has no round corners any more: see what the maskable icon needs.");

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [name, size, drawing] of [["192", 192, svg], ["512", 512, svg], ["maskable-512", 512, full], ["apple-touch-180", 180, full]]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: 100vw; height: 100vh }</style>${drawing}`);
  await page.screenshot({ path: new URL(`icons/${name}.png`, WWW).pathname, omitBackground: true });
}
await browser.close();
