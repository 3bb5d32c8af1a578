// A photo by the camera: asked for, looked through, taken or left, and the camera let go in any case.
import { find } from "../kit/element.js";
import { failure } from "../kit/failure.js";
import { isClosedTo } from "../shell/frame.js";
import { texts } from "../texts.js";

const dialog = /** @type {HTMLDialogElement} */ (find("camera"));
const video = /** @type {HTMLVideoElement} */ (find("camera-view"));

find("camera-take").addEventListener("click", () => dialog.close("taken"));
find("camera-leave").addEventListener("click", () => dialog.close(""));
// Nobody looks through it unseen.
for (const event of ["visibilitychange", "pagehide"]) {
  addEventListener(event, () => {
    if (dialog.open && (document.hidden || event === "pagehide")) dialog.close("");
  });
}

/** @returns {Promise<File | null>} null when the visitor leaves it */
export async function takePhoto() {
  const stream = await open();
  try {
    video.srcObject = stream;
    await video.play();
    dialog.returnValue = "";
    dialog.showModal();
    for (const track of stream.getTracks()) track.addEventListener("ended", () => dialog.close("gone"));
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    if (dialog.returnValue === "gone") throw failure("no-camera", texts.own.cameraGone);
    return dialog.returnValue === "taken" ? await still() : null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function open() {
  if (isClosedTo("camera")) throw failure("frame-closed", undefined, { what: "camera" });
  if (!isSecureContext) throw failure("no-camera", texts.own.insecureCamera);
  if (!navigator.mediaDevices?.getUserMedia) throw failure("no-camera", texts.own.noCameraHere);
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    const denied = error instanceof DOMException && error.name === "NotAllowedError";
    if (denied && isClosedTo("camera", true)) throw failure("frame-closed", undefined, { what: "camera" });
    throw failure("no-camera", denied ? texts.own.cameraDenied : texts.own.noCamera);
  }
}

/** What the camera shows just now. */
async function still() {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d")).drawImage(video, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
  return new File([blob], `${texts.own.photo}.jpg`, { type: blob.type });
}
