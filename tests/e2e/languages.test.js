// The page in its four languages: chosen by the browser, switched by the visitor, complete, and nothing said twice.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { alarm, finalRanking, order, reach, visit, onlyFull } from "./browser.js";
import { file, silence, wav } from "./sounds.js";

/** Of each language: the browser's name of it, and two sentences that say which one it is. */
const LANGUAGES = {
  en: { locale: "en-GB", headline: "Say what you see.", found: /^Best match: / },
  de: { locale: "de-AT", headline: "Sagen, was zu sehen ist.", found: /^Am besten passt: / },
  fr: { locale: "fr-CA", headline: "Dites ce que vous voyez.", found: /^Meilleur résultat\u00a0: / },
  es: { locale: "es-MX", headline: "Diga lo que ve.", found: /^La que mejor coincide: / },
};
const OTHERS = ["de", "fr", "es"];
const texts = Object.fromEntries(await Promise.all(Object.keys(LANGUAGES).map(async (name) => [name, (await import(`../../www/texts/${name}.js`)).texts])));
const html = await readFile(new URL("../../index.html", import.meta.url), "utf8");
/** Attributes of index.html that name a sentence. */
const NAMES = /data-text(?:-label|-content|-placeholder)?="([^"]+)"/g;

/** A sentence of the scripts, by its path. */
const path = (of, key) => key.split(".").reduce((found, part) => found?.[part], of);

/** The paths of everything that is said, with what kind of thing it is. */
function shape(said, at = "") {
  if (typeof said !== "object") return [`${at}: ${typeof said}`];
  return Object.entries(said).flatMap(([key, value]) => shape(value, at ? `${at}.${key}` : key));
}

test("every name in the page has its sentence in every language, and no sentence is without a place", () => {
  const names = new Set([...html.matchAll(NAMES)].map(([, name]) => name));
  assert.ok(names.size > 100, `${names.size} names`);
  for (const language of OTHERS) {
    const { standing } = texts[language];
    const missing = [...names].filter((name) => typeof (standing[name] ?? path(texts[language], name)) !== "string");
    assert.deepEqual(missing, [], language);
    const idle = Object.keys(standing).filter((name) => !names.has(name));
    assert.deepEqual(idle, [], `${language} has sentences that nobody sees`);
    // One place for each sentence.
    assert.deepEqual(Object.keys(standing).filter((name) => path(texts[language], name) !== undefined), [], language);
  }
});

test("all languages say the same things", () => {
  const sayings = (language) => shape({ ...texts[language], standing: {}, failures: {} }).sort();
  for (const language of OTHERS) {
    assert.deepEqual(sayings(language), sayings("en"), language);
    assert.deepEqual(Object.keys(texts[language].failures).sort(), Object.keys(texts.de.failures).sort(), language);
    // What has no English sentence in Rust has one in every language.
    for (const name of Object.keys(texts.en.failures)) assert.ok(texts[language].failures[name], `${language}: ${name}`);
  }
});

test("no sentence of another language is left in English", () => {
  const same = (one, other) => typeof one === "string" && one === other && one.includes(" ");
  for (const language of OTHERS) {
    const left = shape(texts.en).map((line) => line.split(":")[0]).filter((key) => same(path(texts.en, key), path(texts[language], key)));
    assert.deepEqual(left, [], language);
  }
});

test("numbers and plurals are the language's", () => {
  assert.equal(texts.en.score(-0.314), "−0.31");
  assert.equal(texts.de.score(-0.314), "−0,31");
  assert.equal(texts.fr.teach.ready(1), "1 enregistrement est prêt.");
  // Nothing is singular in French and plural elsewhere.
  assert.match(texts.fr.own.more(0), /a aussi été laissé/);
  assert.equal(texts.es.teach.imported(2), "2 grabaciones leídas.");
  assert.equal(texts.de.teach.pool(1, 2), "1 Aufnahme unter 2 Bildern");
  assert.match(texts.fr.how.number(16_000), /^16\s000$/u);
});

test("the English of the page and of the scripts is the same", () =>
  visit({ prepare: (page) => page.route("**/*.js", (route) => route.abort()) }, async (page) => {
    // Without scripts: as it stands in the file.
    const standing = await page.$$eval("[data-text]", (elements) => elements.map((element) => [element.dataset.text, element.textContent.replaceAll(/\s+/g, " ").trim()]));
    const labels = await page.$$eval("[data-text-label]", (elements) => elements.map((element) => [element.dataset.textLabel, element.ariaLabel ?? element.getAttribute("aria-label")]));
    const said = new Map();
    for (const [name, sentence] of [...standing, ...labels]) {
      assert.ok(sentence, `${name} says nothing`);
      const scripts = path(texts.en, name);
      if (scripts !== undefined) assert.equal(sentence, scripts, name);
      assert.equal(said.get(name) ?? sentence, sentence, `${name} has two sentences`);
      said.set(name, sentence);
    }
  }));

for (const [language, { locale, headline, found }] of Object.entries(LANGUAGES)) {
  test(`a browser that speaks ${locale} gets ${language}`, { skip: language !== "de" && onlyFull("the others come the same way") }, () =>
    visit({ context: { locale } }, async (page) => {
      await reach(page, "ready");
      assert.equal(await page.getAttribute("html", "lang"), language);
      assert.equal(await page.textContent("h1.in-search"), headline);
      assert.equal(await page.inputValue("#language"), language);
      assert.equal(await page.textContent("#status"), texts[language].ready);
      assert.equal(await page.textContent("#speak-label"), texts[language].speak);
      if (language !== "en") {
        const { title, description, spectrogram } = texts[language].standing;
        assert.equal(await page.title(), title);
        assert.equal(await page.getAttribute("meta[name=description]", "content"), description);
        assert.equal(await page.getAttribute("#spectrogram", "aria-label"), spectrogram);
        // Code and inputs keep their places in the sentences.
        assert.match(await page.textContent("[data-text=vgg16-run]"), /cargo lab import vgg16/);
        assert.ok(await page.$("[data-text=loss] select[name=loss]"));
        assert.equal(await page.textContent("[name=rate] option[selected]"), "0,001");
      }
      await page.locator(".example").first().click();
      await finalRanking(page);
      assert.match(await page.textContent("#status"), found);
      assert.match(await page.textContent("#wall > li:first-child .score"), language === "en" ? /^\d\.\d\d$/ : /^\d,\d\d$/);
      // What is English stays marked as English.
      assert.equal(await page.getAttribute(".example", "lang"), "en");
      assert.equal(await page.getAttribute("#wall .title", "lang"), "en");
      // What the engine refuses is said in the language too.
      await page.setInputFiles("#file", file("silence.wav", "audio/wav", wav(silence(2))));
      const sentence = await alarm(page);
      if (language !== "en") assert.equal(sentence, texts[language].failures["no-speech"]());
      else assert.equal(sentence, "No speech was heard: speak closer to the microphone and try again.");
      assert.deepEqual(page.complaints, []);
    }));
}

test("a browser of another language gets English, or the next language that it wants", async () => {
  await visit({ context: { locale: "nl-NL" } }, async (page) => {
    assert.equal(await page.getAttribute("html", "lang"), "en");
  });
  const wants = (page) => page.addInitScript(() => Object.defineProperty(navigator, "languages", { get: () => ["nl-NL", "es-ES", "de"] }));
  await visit({ prepare: wants }, async (page) => {
    await page.waitForSelector('html[lang="es"]');
  });
});

test("a language whose file does not arrive gives way to English", () =>
  visit({ context: { locale: "de-DE" }, prepare: (page) => page.route("**/texts/de.js", (route) => route.abort()) }, async (page) => {
    await reach(page, "ready");
    assert.equal(await page.getAttribute("html", "lang"), "en");
    assert.equal(await page.textContent("#status"), texts.en.ready);
  }));

test("the switch works by keyboard, is remembered, and what was asked comes along", () =>
  visit({ path: "/?device=cpu#teach" }, async (page) => {
    await reach(page, "ready");
    await page.evaluate(() => (location.hash = ""));
    await page.locator(".example").nth(1).click();
    const before = await finalRanking(page);
    await page.evaluate(() => (location.hash = "#privacy"));
    await page.focus("#language");
    // The second of the list is German.
    const gone = page.waitForNavigation();
    await page.keyboard.press("ArrowDown");
    await gone;
    await page.waitForSelector('html[lang="de"]');
    assert.equal(new URL(page.url()).hash, "#privacy");
    const after = await finalRanking(page);
    // The sound comes along in 16 bits: what is as good as another may change places with it.
    assert.deepEqual(after.slice(0, 3), before.slice(0, 3));
    assert.equal(await page.textContent("#play"), texts.de.playFile);
    // It is there once: a page that is loaded again rests.
    await page.reload();
    await reach(page, "ready");
    assert.equal(await page.getAttribute("html", "lang"), "de");
    assert.equal(await page.getAttribute("#wall", "data-ranking"), "rest");
    assert.equal((await order(page)).length > 300, true);
    assert.deepEqual(page.complaints, []);
  }));

test("who is teaching is asked before the language is switched", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    await page.evaluate(() => (document.body.dataset.teaching = "running"));
    const asked = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      dialog.dismiss();
    });
    await page.selectOption("#language", "fr");
    assert.deepEqual(asked, [texts.en.losing]);
    assert.equal(await page.inputValue("#language"), "en");
    assert.equal(await page.getAttribute("html", "lang"), "en");
  }));
