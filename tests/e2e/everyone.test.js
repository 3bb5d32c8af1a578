// For everyone: what axe-core finds by WCAG 2.2 AA, on every view, in light and dark, wide and narrow; the page by keyboard
// alone, enlarged, in forced colours, and without motion; and how large what is pressed is.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test, { before } from "node:test";
import { FULL, finalRanking, onlyFull, order, PATIENCE, reach, screenshot, visit } from "./browser.js";
import { clips, decoded, file, joined, microphone, silence, wav } from "./sounds.js";

const axe = await readFile(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Photographs behind the foremost are all made alike: some of them will do. */
const MORE_OF_THE_SAME = "#wall > li:nth-child(n + 21)";

let speech;
before(async () => (speech = await decoded(clips[0].file)));

async function assertAccessible(page, view) {
  // The devtools' door: the page's own policy would not let a stranger's script in.
  await page.evaluate(axe);
  const violations = await page.evaluate(
    async ([values, more]) => {
      // Left out by name only, they would be three quarters of its work.
      const wall = document.getElementById("wall");
      const aside = [...document.querySelectorAll(more)];
      aside.forEach((one) => one.remove());
      const found = await window.axe.run(document, { runOnly: { type: "tag", values }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] });
      wall.append(...aside);
      return found.violations;
    },
    [RULES, MORE_OF_THE_SAME],
  );
  assert.deepEqual(violations.map(({ id, nodes }) => `${view}: ${id}: ${nodes.slice(0, 3).map(({ target }) => target).join(", ")}`), []);
}

for (const [colorScheme, width] of [["light", 1280], ["dark", 390]]) {
  test(`axe finds nothing to complain of, ${colorScheme}, ${width} px`, () =>
    visit({ seen: true, context: { colorScheme, viewport: { width, height: 800 } } }, async (page) => {
      await reach(page, "ready");
      await assertAccessible(page, "at rest");
      await page.locator(".example").first().click();
      await finalRanking(page);
      await assertAccessible(page, "found");
      await page.locator("#wall .opener").first().click();
      await page.waitForSelector("#picture[open]");
      await page.waitForTimeout(1500);
      await assertAccessible(page, "opened");
      // A lesson has no other colours.
      if (colorScheme === "dark" && !FULL) return;
      await page.keyboard.press("Escape");
      await page.evaluate(() => (location.hash = "#teach"));
      await page.locator("#wall .opener").nth(1).click();
      await page.setInputFiles(".lesson-card input", file("speech.wav", "audio/wav", wav(speech)));
      await page.waitForSelector(".takes li");
      await page.locator("#train-options summary").click();
      await page.locator("#own summary").click();
      await assertAccessible(page, "teaching");
      // What a training ends with is looked at where it is pressed by keyboard.
      if (!FULL) return;
      await page.fill("[name=steps]", "10");
      await page.fill("[name=views]", "1");
      await page.uncheck("[name=rehearse]");
      await page.locator("#wall .opener").nth(3).click();
      await page.setInputFiles(".lesson-card:nth-child(2) input", file("speech.wav", "audio/wav", wav(speech.toReversed())));
      await page.waitForSelector(".lesson-card:nth-child(2) .takes li");
      await page.click("#train");
      await page.waitForSelector("body[data-teaching=made]");
      await assertAccessible(page, "taught");
      await page.click("#taught-keep");
      await page.waitForSelector("#taught-list li:nth-child(2)");
      await assertAccessible(page, "kept");
    }));
}

const VIEWS = ["", "#teach", "#how", "#compare"];
const LANGUAGES = ["en", "de", "fr", "es"];

/** Shows one of the page's views, and waits until it stands. */
async function go(page, hash) {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.waitForFunction((name) => document.body.dataset.view === name, hash.slice(1) || "search");
  await page.waitForTimeout(200);
}

/** Everything that can be folded is open, and an example is answered. */
async function unfolded(page) {
  await reach(page, "ready");
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  await page.locator(".example").first().click();
  await finalRanking(page);
}

test("axe finds nothing to complain of in any view in any language", () =>
  visit({}, async (page) => {
    // The longest words are German; the others only fill the same places.
    for (const language of FULL ? LANGUAGES : ["de"]) {
      await page.goto(new URL(`/?device=cpu&language=${language}`, page.url()).href);
      await page.waitForSelector(`html[lang=${language}] #wall > li`);
      for (const hash of VIEWS) {
        await go(page, hash);
        await assertAccessible(page, `${language} ${hash}`);
      }
    }
  }));

/** Presses Tab until the focus is on it; what has the focus must be seen, all the way. */
async function tabTo(page, selector, most = 60) {
  for (let press = 0; press < most; press++) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(inSight, selector);
    assert.equal(seen.problem, "", `on the way to ${selector}`);
    if (seen.there) return;
  }
  assert.fail(`${selector} is not reached with ${most} presses of Tab`);
}

/** Whether what has the focus is what was looked for, is in the window, on top, and marked. */
function inSight(selector) {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return { there: false, problem: "" };
  const box = focused.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, Math.min(Math.max(box.y + box.height / 2, 1), innerHeight - 1)];
  const name = `${focused.tagName} ${focused.id || focused.className}`;
  let problem = "";
  if (box.bottom <= 0 || box.top >= innerHeight || box.width === 0) problem = `${name} has the focus out of sight`;
  else if (x > 0 && x < innerWidth) {
    const top = document.elementFromPoint(x, y);
    if (top && !focused.contains(top) && !top.contains(focused)) problem = `${name} has the focus under ${top.tagName} ${top.id || top.className}`;
  }
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  if (outlineStyle === "none" || parseFloat(outlineWidth) < 1) problem ||= `${name} does not show that it has the focus`;
  return { there: focused.matches(selector), problem };
}

test("by keyboard alone: from landing to a result, a photograph and back", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    const said = await announcements(page, "status");
    await tabTo(page, ".example");
    await page.keyboard.press("Enter");
    await finalRanking(page);
    // Told once and politely, in one sentence.
    assert.equal(await page.getAttribute("#status", "aria-live"), "polite");
    const results = (await said()).filter((sentence) => /^(Best match|Not sure)/.test(sentence));
    assert.equal(results.length, 1, String(results));
    assert.match(results[0], /, then .+ and .+\.$/);
    // The chooser of files opens too.
    const chooser = page.waitForEvent("filechooser");
    await page.focus("#speak");
    await tabTo(page, "#choose");
    await page.keyboard.press("Enter");
    await (await chooser).setFiles(file("speech.wav", "audio/wav", wav(speech)));
    await page.waitForFunction(() => document.body.dataset.state === "searching" || document.getElementById("play").textContent === "Play the sound");
    await finalRanking(page);
    await tabTo(page, "#wall .opener");
    const opener = await page.evaluate(() => document.activeElement.closest("li").dataset.id);
    assert.equal(opener, (await order(page))[0]);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#picture[open]");
    assert.ok(await page.evaluate(() => document.getElementById("picture").contains(document.activeElement)));
    await page.waitForSelector("#picture-captions .say", { timeout: PATIENCE });
    await tabTo(page, "#picture-captions .say");
    await page.keyboard.press("Space");
    await tabTo(page, "#picture-close");
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.closest("li")?.dataset.id), opener);
    // The skip link leads past everything, to the photographs.
    await page.evaluate(() => document.activeElement.blur());
    await page.evaluate(() => document.querySelector(".skip").focus());
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement.matches("#wall .opener")));
    assert.deepEqual(page.complaints, []);
  }));

test("by keyboard alone: teaching, from a picture to what is kept", async () => {
  const args = await microphone(joined(silence(0.4), speech, silence(0.6), speech, silence(0.6), speech, silence(0.6), speech));
  await visit({ args }, async (page) => {
    await reach(page, "ready");
    await tabTo(page, ".go-teach");
    await page.keyboard.press("Enter");
    await page.waitForSelector("body[data-view=teach]");
    for (let card = 1; card <= 2; card++) {
      // A photograph that is not in the lesson yet.
      await page.focus("#own summary");
      await tabTo(page, "#wall .opener[aria-pressed=false]", 80);
      await page.keyboard.press("Enter");
      await page.waitForSelector(`.lesson-card:nth-child(${card})`);
      await page.keyboard.press("Shift+Tab");
      await page.focus("#own summary");
      await tabTo(page, `.lesson-card:nth-child(${card}) .record`, 80);
      // A short press begins, another ends.
      await page.keyboard.press("Space");
      await page.waitForSelector(".lesson-card[data-recording]");
      await page.waitForTimeout(2500);
      await page.keyboard.press("Space");
      await page.waitForSelector(`.lesson-card:nth-child(${card}) .takes li`, { timeout: PATIENCE });
      if (card === 1) await page.reload().then(() => reach(page, "ready")).then(() => page.waitForSelector(".takes li"));
    }
    await page.focus("#lesson-files");
    await tabTo(page, "#train-options summary");
    await page.keyboard.press("Enter");
    await tabTo(page, "[name=steps]");
    await page.keyboard.press("ControlOrMeta+A");
    await page.keyboard.type("10");
    await tabTo(page, "[name=views]");
    await page.keyboard.type("1");
    await tabTo(page, "[name=rehearse]");
    await page.keyboard.press("Space");
    const said = await announcements(page, "train-status");
    await page.focus("#teacher-title ~ .tools button");
    await tabTo(page, "#train");
    await page.keyboard.press("Enter");
    await page.waitForSelector("body[data-teaching=made]", { timeout: PATIENCE });
    // Screen readers hear the beginning of each part and the end, and not ten steps.
    const heard = await said();
    assert.ok(heard.length <= 6, heard.join(" | "));
    assert.match(heard.at(-1), /^Done\./);
    await assertAccessible(page, "taught");
    await tabTo(page, "#taught-keep");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#taught-list li:nth-child(2)");
    await page.waitForSelector("#taught-list li:nth-child(2) input:checked");
    await assertAccessible(page, "kept");
    await tabTo(page, "#taught-list li:nth-child(2) .quiet");
    assert.deepEqual(page.complaints, []);
  });
});

/** What a live region tells from now on, as screen readers hear it. */
async function announcements(page, id) {
  await page.evaluate((id) => {
    const region = document.getElementById(id);
    window.told = [];
    new MutationObserver(() => {
      if (region.getAttribute("aria-live") === "polite") window.told.push(region.textContent);
    }).observe(region, { childList: true, characterData: true, subtree: true });
  }, id);
  return () => page.evaluate(() => window.told);
}

/** Everything that can be pressed and is smaller than 24 by 24 pixels, unless enough is free around it. */
function small() {
  const found = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")].filter((target) => {
    if (target.matches(".skip, [type=file][hidden]") || !target.checkVisibility({ visibilityProperty: true })) return false;
    // A link in a sentence is as high as its line.
    return !(target.matches("p a"));
  });
  // A label is pressed in its input's place.
  const boxes = found.map((target) => {
    const label = target.matches("[type=checkbox], [type=radio]") && target.closest("label");
    return { target, box: (label || target).getBoundingClientRect() };
  });
  const apart = ({ box }, other) => {
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const dx = Math.max(other.x - x, 0, x - other.right);
    const dy = Math.max(other.y - y, 0, y - other.bottom);
    return Math.hypot(dx, dy) >= 12;
  };
  return boxes
    .filter(({ box }) => box.width < 23.99 || box.height < 23.99)
    .filter((one) => boxes.some((other) => other.target !== one.target && !apart(one, other.box)))
    .map(({ target, box }) => `${target.tagName} ${target.id || target.className || target.textContent.trim()} ${box.width.toFixed(0)}x${box.height.toFixed(0)}`);
}

test("what can be pressed is at least 24 pixels wide and high", { skip: onlyFull("axe measures it, where it looks") }, () =>
  visit({}, async (page) => {
    /** On a wide and on a narrow window. */
    const assertLarge = async (when) => {
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 800 });
        assert.deepEqual(await page.evaluate(small), [], `${when}, ${width} px`);
      }
    };
    await unfolded(page);
    for (const hash of VIEWS) {
      await go(page, hash);
      await assertLarge(hash);
    }
    await go(page, "#teach");
    await page.locator("#wall .opener").nth(1).click();
    await page.setInputFiles(".lesson-card input", file("speech.wav", "audio/wav", wav(speech)));
    await page.waitForSelector(".takes li", { timeout: PATIENCE });
    await assertLarge("with a card");
    await go(page, "");
    await page.locator("#wall .opener").first().click();
    await page.waitForSelector("#picture-captions .say", { timeout: PATIENCE });
    await assertLarge("opened");
    // And this test would see it: a small button on another is found.
    await page.keyboard.press("Escape");
    await page.evaluate(() => {
      for (const id of ["choose", "reset"]) document.getElementById(id).style.setProperty("min-height", "1rem");
      document.querySelector("#panel .tools").style.setProperty("display", "grid");
    });
    assert.match(String(await page.evaluate(small)), /BUTTON choose/);
  }));

/** Controls that are cut off at the side or lie on one another, and whether the page must be scrolled sideways. */
function crowded() {
  const problems = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) problems.push(`the page is ${page.scrollWidth} wide`);
  const controls = [...document.querySelectorAll("a[href], button, input, select, summary")].filter(
    (target) => !target.matches(".skip, .opener, .example") && target.checkVisibility({ visibilityProperty: true }),
  );
  const boxes = controls.map((target) => ({ name: target.id || target.className || target.textContent.trim(), target, box: target.getBoundingClientRect() }));
  for (const { name, box } of boxes) if (box.left < -0.5 || box.right > innerWidth + 0.5) problems.push(`${name} is cut off`);
  boxes.forEach(({ name, box, target }, place) => {
    for (const other of boxes.slice(place + 1)) {
      const over = box.left < other.box.right - 1 && other.box.left < box.right - 1 && box.top < other.box.bottom - 1 && other.box.top < box.bottom - 1;
      if (over && !target.contains(other.target) && !other.target.contains(target)) problems.push(`${name} lies on ${other.name}`);
    }
  });
  // Words that do not fit where they stand.
  for (const text of document.querySelectorAll("button, h1, h2, h3, label, legend")) {
    if (text.checkVisibility() && text.scrollWidth > text.clientWidth + 1 && getComputedStyle(text).display !== "inline") problems.push(`${text.id || text.textContent.trim().slice(0, 30)} overflows`);
  }
  return problems;
}

/** A window of half the size is what 200 % makes of 1280 by 800; 320 is what 400 % does; letters alone can be enlarged too. */
const ENLARGED = [[320, 640, "100%"], [1280, 800, "200%"], ...(FULL ? [[640, 400, "100%"]] : [])];

for (const language of ["en", "de"]) {
  test(`enlarged, nothing is lost and nothing is crowded, ${language}`, { skip: language === "en" && onlyFull("German has the longer words") }, () =>
    visit({ path: `/?device=cpu&language=${language}` }, async (page) => {
      const assertRoomy = async (when) => {
        for (const [width, height, letters] of ENLARGED) {
          await page.setViewportSize({ width, height });
          await page.evaluate((size) => document.documentElement.style.setProperty("font-size", size), letters);
          assert.deepEqual(await page.evaluate(crowded), [], `${when}: ${width} px, letters ${letters}`);
          await screenshot(page, `enlarged-${language}-${width}-${when.replaceAll(/\W/g, "")}`);
        }
      };
      await unfolded(page);
      for (const hash of VIEWS) {
        await go(page, hash);
        await assertRoomy(hash || "#search");
      }
      await go(page, "");
      await page.locator("#wall .opener").first().click();
      await page.waitForSelector("#picture-captions .say", { timeout: PATIENCE });
      await page.setViewportSize({ width: 640, height: 400 });
      assert.ok(await page.evaluate(() => document.getElementById("picture").scrollWidth <= document.getElementById("picture").clientWidth), "the dialog scrolls sideways");
      // What has the focus is kept in sight.
      for (let press = 0; press < 6; press++) {
        await page.keyboard.press("Tab");
        const { problem } = await page.evaluate(inSight, "*");
        assert.equal(problem, "");
      }
    }));
}

test("in forced colours everything that can be pressed is seen", () =>
  visit({ context: { forcedColors: "active" } }, async (page) => {
    const assertSeen = async (when) => {
      for (const colorScheme of FULL ? ["light", "dark"] : ["light"]) {
        await page.emulateMedia({ forcedColors: "active", colorScheme, reducedMotion: "reduce" });
        assert.deepEqual(await page.evaluate(unseen), [], `${when}, ${colorScheme}`);
        await screenshot(page, `forced-${colorScheme}-${when}`);
      }
    };
    await reach(page, "ready");
    await page.locator(".example").first().click();
    await finalRanking(page);
    // The bars say the score by a colour that the visitor's system chose.
    const [bar, ground] = await page.evaluate(() => {
      const one = document.querySelector("#wall > li .bar");
      return [getComputedStyle(one, "::after").backgroundColor, getComputedStyle(one).backgroundColor];
    });
    assert.notEqual(bar, ground);
    for (const hash of VIEWS) {
      await go(page, hash);
      await assertSeen(hash.slice(1) || "search");
    }
    await assertAccessible(page, "forced colours");
    if (!FULL) return;
    await go(page, "#teach");
    for (const [card, place] of [1, 3].entries()) {
      await page.locator("#wall .opener").nth(place).click();
      await page.setInputFiles(`.lesson-card:nth-child(${card + 1}) input`, file("speech.wav", "audio/wav", wav(card ? speech : speech.toReversed())));
      await page.waitForSelector(`.lesson-card:nth-child(${card + 1}) .takes li`, { timeout: PATIENCE });
    }
    await page.locator("#train-options summary").click();
    await page.fill("[name=steps]", "10");
    await page.fill("[name=views]", "1");
    await page.uncheck("[name=rehearse]");
    await page.click("#train");
    await page.waitForSelector("body[data-teaching=made]", { timeout: PATIENCE });
    await assertSeen("taught");
    await assertAccessible(page, "forced colours, taught");
  }));

/** Buttons and fields without a line around them, an underline, a picture or a mark of the browser's own. */
function unseen() {
  const controls = [...document.querySelectorAll("button, select, input:not([type=file])")].filter((target) => target.checkVisibility({ visibilityProperty: true }));
  return controls
    .filter((target) => {
      const { borderStyle, borderWidth, textDecorationLine, appearance } = getComputedStyle(target);
      const lined = borderStyle !== "none" && parseFloat(borderWidth) > 0;
      return !lined && textDecorationLine !== "underline" && appearance === "none";
    })
    .map((target) => target.id || target.className);
}

test("who wants no motion gets none, and others see photographs glide", () =>
  visit({}, async (page) => {
    await page.evaluate(() => {
      window.moved = 0;
      const animate = Element.prototype.animate;
      Element.prototype.animate = function (...given) {
        window.moved++;
        return animate.apply(this, given);
      };
    });
    await reach(page, "ready");
    await page.locator(".example").first().click();
    await finalRanking(page);
    assert.equal(await page.evaluate(() => window.moved), 0);
    assert.equal(await page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === "running").length), 0);
    await page.emulateMedia({ reducedMotion: "no-preference" });
    await page.click("#reset");
    await page.waitForSelector("#wall[data-ranking=rest]");
    assert.ok((await page.evaluate(() => window.moved)) > 0);
  }));
