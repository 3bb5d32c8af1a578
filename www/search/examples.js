// Spoken examples for visitors without a microphone.
import { ROOT } from "../root.js";
import { texts } from "../texts.js";

const FOLDER = new URL("www/examples/", ROOT);

/**
 * Fills the list; without examples there is simply none.
 * @param {HTMLElement} section @param {HTMLElement} list @param {(url: URL) => void} onChoose
 */
export async function offerExamples(section, list, onChoose) {
  const response = await fetch(new URL("examples.json", FOLDER)).catch(() => null);
  if (!response?.ok) return void (section.hidden = true);
  /** @type {{ file: string, text: string, voice: string }[]} */
  const examples = await response.json();
  for (const { file, text, voice } of examples) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "example";
    button.textContent = text;
    // They are spoken in English.
    button.lang = "en";
    button.title = texts.voice(voice);
    button.addEventListener("click", () => onChoose(new URL(file, FOLDER)));
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
  // Until now it only kept its place.
  section.dataset.filled = "";
}
