// The choice of a language. The page is loaded again in it; what was said comes along, in the tab's own memory.
import { find } from "../kit/element.js";
import { isLanguage, keepLanguage, language, texts } from "../texts.js";

/** @import { Store } from "../kit/store.js" */
/** @import { Clip } from "../types.d.ts" */
/** @typedef {{ clip: Clip, spoken: boolean }} Asked what the wall is ranked by, and whether the visitor spoke it just now */

/** Where it lies while the page is away. */
const HANDED = "asked";
/** The largest number of 16 bits. */
const LARGEST = 32_767;
/** So many numbers are made text at once. */
const PIECE = 8192;

/**
 * @param {Store} store @param {() => boolean} loses whether something is under way that would be lost
 * @param {() => Asked | null} asked what is to come along
 */
export function offerLanguages(store, loses, asked) {
  const select = /** @type {HTMLSelectElement} */ (find("language"));
  select.value = language;
  select.disabled = false;
  let lasting = true;
  store.lasts().then((lasts) => (lasting = lasts)).catch(() => {});
  /** Where the browser keeps nothing, neither recordings nor pictures come back. */
  const forgets = () => !lasting && document.querySelector("#lesson > li, #wall > [data-id^='own-']") !== null;
  select.addEventListener("change", () => {
    const name = select.value;
    if (!isLanguage(name) || ((loses() || forgets()) && !confirm(texts.losing))) {
      select.value = language;
      return;
    }
    const clip = asked();
    if (clip) handOver(clip);
    const address = new URL(location.href);
    if (keepLanguage(name)) address.searchParams.delete("language");
    else address.searchParams.set("language", name);
    // Asked once is enough.
    document.body.dataset.leaving = "";
    if (address.href === location.href) location.reload();
    else location.assign(address);
  });
}

/** @param {Asked} asked */
function handOver({ clip: { samples, sampleRate }, spoken }) {
  const bytes = new Uint8Array(Int16Array.from(samples, (sample) => Math.round(Math.max(-1, Math.min(1, sample)) * LARGEST)).buffer);
  let packed = "";
  for (let at = 0; at < bytes.length; at += PIECE) packed += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  try {
    sessionStorage.setItem(HANDED, JSON.stringify({ sampleRate, spoken, samples: btoa(packed) }));
  } catch {
    // Denied, or too long: then it is asked again by whoever wants to.
  }
}

/** What the page had been asked before it was loaded again; it is there once. @returns {Asked | null} */
export function takeAsked() {
  try {
    const handed = sessionStorage.getItem(HANDED);
    sessionStorage.removeItem(HANDED);
    if (!handed) return null;
    const { sampleRate, spoken, samples } = JSON.parse(handed);
    const bytes = Uint8Array.from(atob(samples), (letter) => letter.charCodeAt(0));
    return { clip: { samples: Float32Array.from(new Int16Array(bytes.buffer), (sample) => sample / LARGEST), sampleRate }, spoken };
  } catch {
    return null;
  }
}
