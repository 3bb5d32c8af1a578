// How the visitor's own pictures are chosen: the buttons, the choosers behind them, and pasting.
import { takePhoto } from "./camera.js";
import { given, sorted } from "../shell/dropped.js";
import { find } from "../kit/element.js";
import { Folders, picturesOf } from "./folders.js";
import { say } from "../shell/frame.js";
import { texts } from "../texts.js";

/** @import { Given } from "../shell/dropped.js" */
/** @import { OwnPictures } from "./own-pictures.js" */

const status = find("own-status");

/** @param {OwnPictures} own @param {(files: Given[]) => void} onFiles @param {() => void} onClear */
export function acceptPictures(own, onFiles, onClear) {
  find("own-photo").addEventListener("click", async () => {
    try {
      const photo = await takePhoto();
      if (photo) onFiles(given([photo]));
    } catch (error) {
      say(status, error, texts.own.noCamera);
    }
  });
  const [files, folder, index] = ["files", "folder", "index"].map((kind) => /** @type {HTMLInputElement} */ (find(`own-${kind}-input`)));
  find("own-files").addEventListener("click", () => files.click());
  files.addEventListener("change", () => {
    const chosen = given(files.files ?? []);
    // The same may be chosen again.
    files.value = "";
    onFiles(chosen);
  });
  // Some telephones know no folders.
  find("own-folder").hidden = !Folders.areKept && !("webkitdirectory" in folder);
  find("own-folder").addEventListener("click", () => own.chooseFolder());
  folder.addEventListener("change", async () => {
    // Of a folder, what else is in it is nobody's business.
    const pictures = await picturesOf(folder);
    if (pictures.length) onFiles(pictures);
    else status.textContent = texts.own.emptyFolder;
  });
  find("own-import").addEventListener("click", () => index.click());
  index.addEventListener("change", () => {
    const chosen = [...(index.files ?? [])];
    index.value = "";
    own.unpack(chosen);
  });
  find("own-export").addEventListener("click", () => own.carry());
  find("own-clear").addEventListener("click", onClear);
  addEventListener("paste", async (event) => {
    const pictures = (await sorted(given(event.clipboardData?.files ?? []))).picture;
    if (pictures.length) onFiles(pictures);
  });
}
