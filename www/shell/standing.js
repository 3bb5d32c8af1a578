// What index.html says by itself, in the visitor's language. Its English is the page's own; data-text names each sentence.
import { language, texts } from "../texts.js";

/** Attributes that hold sentences too, by the data attribute that names them. */
const ATTRIBUTES = { textLabel: "aria-label", textContent: "content", textPlaceholder: "placeholder" };
/** Stands for the element's own children, one after the other: code, inputs. */
const CHILD = /\{(\d+)\}/;

/** The sentence of a name: the language's standing text, or what a script says there too. @param {string} key @returns {string | undefined} */
function named(key) {
  const said = texts.standing?.[key];
  if (said !== undefined) return said;
  /** @type {any} */
  let found = texts;
  for (const part of key.split(".")) found = found?.[part];
  return typeof found === "string" ? found : undefined;
}

/** @param {Element} element @param {string} sentence */
function write(element, sentence) {
  const children = [...element.children];
  // Odd pieces are the numbers of children.
  const pieces = sentence.split(CHILD).map((piece, place) => (place % 2 ? (children[Number(piece)] ?? "") : piece));
  element.replaceChildren(...pieces);
}

document.documentElement.lang = language;
if (language !== "en") {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-text]"))) {
    const sentence = named(element.dataset.text ?? "");
    if (sentence !== undefined) write(element, sentence);
  }
  // Rates to choose from: decimals as the language writes them.
  for (const option of document.querySelectorAll("option")) {
    if (/^\d+\.\d+$/.test(option.text)) option.text = Number(option.text).toLocaleString(language, { maximumFractionDigits: 6 });
  }
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    const data = `data-${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`;
    for (const element of document.querySelectorAll(`[${data}]`)) {
      const sentence = named(element.getAttribute(data) ?? "");
      if (sentence !== undefined) element.setAttribute(attribute, sentence);
    }
  }
}
