// Pictures in the elements that show them: the gallery's by their addresses, the visitor's own by what is kept of them, read then.
import { GALLERY } from "./loading.js";

/** @import { Picture } from "./types.d.ts" */

/** @param {HTMLImageElement} image @param {Picture} picture */
export async function show(image, picture) {
  if (!picture.read) {
    image.src = new URL(picture.file, GALLERY).href;
    return;
  }
  // What cannot be read is not shown; its title stands there.
  const blob = await picture.read().catch(() => null);
  if (blob) showBlob(image, blob);
}

/** Shows a file; its address is given back as soon as the browser has it. @param {HTMLImageElement} image @param {Blob} blob */
export function showBlob(image, blob) {
  const url = URL.createObjectURL(blob);
  for (const end of ["load", "error"]) image.addEventListener(end, () => URL.revokeObjectURL(url), { once: true });
  image.src = url;
}
