// The sentences in the visitor's language: the one that the address names, else the one that was chosen here, else the
// first of the browser's that there is.
import { texts as english } from "./texts/en.js";

/** Every other language has the same keys. @typedef {typeof english} Texts */
/** Sentences of index.html by their names; German has them all, and the others have the same. @typedef {Record<keyof typeof import("./texts/de.js").texts.standing, string>} Standing */
/** @typedef {"en" | keyof typeof OTHERS} Language */

/** What is not asked for is not fetched. */
const OTHERS = {
  de: () => import("./texts/de.js"),
  fr: () => import("./texts/fr.js"),
  es: () => import("./texts/es.js"),
};
/** Where the choice is kept. */
const KEPT = "language";

/** @param {string | null} name @returns {name is Language} */
export const isLanguage = (name) => name === "en" || (name !== null && Object.hasOwn(OTHERS, name));

/** @returns {Language} */
function wanted() {
  const asked = new URLSearchParams(location.search).get("language");
  const names = [asked, kept(), ...navigator.languages.map((name) => name.split("-", 1)[0] ?? "")];
  return names.find(isLanguage) ?? "en";
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
  if (language === "en") return { language, texts: english };
  /** @type {{ texts: Texts } | null} */
  const found = await OTHERS[language]().catch(() => null);
  return found ? { language, texts: found.texts } : { language: "en", texts: english };
}

export const { language, texts } = await load();
