// A photo by the camera: asked for, looked through, taken or left, and the camera let go in any case.
import { failure } from "./failure.js";
import { texts } from "./texts.js";

const find = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const dialog = /** @type {HTMLDialogElement} */ (find("camera"));
const video = /** @type {HTMLVideoElement} */ (find("camera-view"));

find("camera-take").addEventListener("click", () => dialog.close("taken"));
find("camera-leave").addEventListener("click", () => dialog.close(""));

/** @returns {Promise<File | null>} null when the visitor leaves it */
export async function takePhoto() {
  const stream = await open();
  try {
    video.srcObject = stream;
    await video.play();
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    return dialog.returnValue === "taken" ? await still() : null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function open() {
  if (!navigator.mediaDevices) throw failure("no-camera", texts.own.insecureCamera);
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    const denied = error instanceof DOMException && error.name === "NotAllowedError";
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
