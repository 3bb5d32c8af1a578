// One photograph, large, with what its licence asks to be named.
import { GALLERY } from "./loading.js";

/** @import { Picture } from "./types.d.ts" */

const find = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const dialog = /** @type {HTMLDialogElement} */ (find("picture"));
const image = /** @type {HTMLImageElement} */ (find("picture-image"));

find("picture-close").addEventListener("click", () => dialog.close());
// A press beside it closes it too: only the backdrop is the dialog itself.
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

/** Browsers give the focus back to what had it. @param {Picture} picture */
export function openPicture(picture) {
  Object.assign(image, { alt: picture.alt, width: picture.width, height: picture.height });
  image.src = new URL(picture.file, GALLERY).href;
  for (const part of /** @type {const} */ (["title", "alt", "author", "licence", "source"])) {
    find(`picture-${part}`).textContent = picture[part];
  }
  dialog.showModal();
}
