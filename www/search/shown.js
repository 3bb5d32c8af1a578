// Pictures in the elements that show them: the gallery's by their addresses, the visitor's own by what is kept of them, read then.
import { GALLERY } from "../shell/loading.js";

/** @import { Picture } from "../types.d.ts" */

/** What each is to show. @type {WeakMap<HTMLImageElement, Picture>} */
const wanted = new WeakMap();

/** @param {HTMLImageElement} image @param {Picture} picture */
export async function show(image, picture) {
  wanted.set(image, picture);
  if (!picture.read) {
    image.src = new URL(picture.file, GALLERY).href;
    return;
  }
  // Its place is seen first: to begin thirty readings holds a frame up.
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  // What cannot be read is not shown; its title stands there.
  const blob = await picture.read().catch(() => null);
  if (blob && wanted.get(image) === picture) showBlob(image, blob);
}

/** Shows a file; its address is given back as soon as the browser has it. @param {HTMLImageElement} image @param {Blob} blob */
export function showBlob(image, blob) {
  const url = URL.createObjectURL(blob);
  for (const end of ["load", "error"]) image.addEventListener(end, () => URL.revokeObjectURL(url), { once: true });
  image.src = url;
}

/** Shows the file itself in the place of its copy, if it can be reached and the browser knows its kind. @param {HTMLImageElement} image @param {Picture} picture @param {() => boolean} isWanted whether it still is when it is there */
export async function enlarge(image, picture, isWanted) {
  const file = await picture.original?.().catch(() => null);
  if (!file || !isWanted()) return;
  const tried = await createImageBitmap(file, { resizeWidth: 1, resizeHeight: 1 }).catch(() => null);
  tried?.close();
  if (tried && isWanted()) showBlob(image, file);
}
