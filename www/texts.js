// The sentences in the visitor's language: the one that was chosen here, else the first of the browser's that there is.
import { texts as english } from "./texts/en.js";

/** @typedef {typeof english} Texts */
/** @typedef {keyof typeof LANGUAGES} Language */

/** Each by its own name. */
export const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français", es: "Español" };
/** What is not asked for is not fetched. @type {Partial<Record<Language, () => Promise<{ texts: Texts }>>>} */
const OTHERS = {};
/** Where the choice is kept. */
const KEPT = "language";

/** @param {string | null} name @returns {name is Language} */
const isKnown = (name) => name !== null && Object.hasOwn(LANGUAGES, name);

/** @returns {Language} */
function wanted() {
  const names = [kept(), ...navigator.languages.map((name) => name.split("-", 1)[0] ?? "")];
  return names.find(isKnown) ?? "en";
}

/** Some browsers deny it. */
function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** Keeps the choice; it holds from the next load on. @param {Language} name @returns {boolean} whether it could be kept */
export function keepLanguage(name) {
  try {
    localStorage.setItem(KEPT, name);
    return true;
  } catch {
    return false;
  }
}

/** In a language whose file cannot be had, the page speaks English. @returns {Promise<{ language: Language, texts: Texts }>} */
async function load() {
  const language = wanted();
  const found = await OTHERS[language]?.().catch(() => null);
  return found ? { language, texts: found.texts } : { language: "en", texts: english };
}

export const { language, texts } = await load();
