// The one place that opens the microphone and watches it: whether it may be used here, whether its sound begins, goes on,
// is muted, or ends. Whoever listens is told within three seconds, and can close it at any time.
import { failure } from "../kit/failure.js";
import { isClosedTo } from "./frame.js";
import { ROOT } from "../root.js";
import { texts } from "../texts.js";

/** @import { Microphone, Package } from "../types.d.ts" */
/** @import { Failure } from "../kit/named.js" */
/**
 * @typedef {object} Listener
 * @property {() => void} late the browser has not answered yet, though the visitor need not be asked
 * @property {(muted: boolean) => void} muted it gives silence from now on, or no longer
 * @property {(error: Failure) => void} gone no more sound will come; it is closed by then
 * @property {() => boolean} [seen] whether the visitor can see that it listens
 * @property {() => void} [unseen] it listens where nobody can see it
 */

const WORKLET = new URL("www/worklet.js", ROOT).href;
/** How often it is looked at, in milliseconds. */
const BETWEEN_LOOKS = 200;
/** A sound that has not begun, or not gone on, for so long does not come by itself any more, in milliseconds. */
const PATIENCE = 2200;
/** Some are muted for a moment when another one is plugged in, in milliseconds. */
const MOMENT = 700;

export class OpenMicrophone {
  #listener;
  /** @type {Microphone | null} */
  #microphone = null;
  #closing = new AbortController();
  #muted = false;
  /** Whether it gave nothing but silence as long as it was open. */
  #silent = false;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** What is wrong with it though it is open: whoever heard no speech tells this instead. @returns {Failure | null} */
  get trouble() {
    return this.#silent || this.#muted ? failure("microphone-muted") : null;
  }

  /** Samples a second; it is open by then. */
  get sampleRate() {
    return this.#microphone?.sampleRate ?? 0;
  }

  /**
   * Asks the visitor, and has blocks of mono samples posted to a port.
   * @param {Package} program
   * @returns {Promise<MessagePort | null>} where they come out; null when it was closed meanwhile
   */
  async open(program) {
    const impossible = whyNone();
    if (impossible) throw impossible;
    const late = setTimeout(() => this.#tellLate(), PATIENCE);
    try {
      const microphone = await program.Microphone.ask();
      this.#microphone = microphone;
      if (this.#closed) return this.#letGo();
      const { port1, port2 } = new MessageChannel();
      await within(PATIENCE, microphone.connect(port1, WORKLET));
      if (this.#closed) return null;
      this.#watch(microphone);
      return port2;
    } catch (error) {
      if (this.#closed) return null;
      this.close();
      throw refined(error);
    } finally {
      clearTimeout(late);
    }
  }

  /** Lets go of it at once; while the visitor is being asked, as soon as they have answered. */
  close() {
    this.#closing.abort();
    this.#letGo();
  }

  get #closed() {
    return this.#closing.signal.aborted;
  }

  #letGo() {
    this.#microphone?.close();
    return null;
  }

  async #tellLate() {
    // Where the visitor is being asked, there is time.
    const asked = await navigator.permissions?.query({ name: /** @type {PermissionName} */ ("microphone") }).catch(() => null);
    if (asked?.state === "granted" && !this.#microphone && !this.#closed) this.#listener.late();
  }

  /** @param {Microphone} microphone */
  #watch({ track, context }) {
    let [clock, moved, mutedSince] = [context.currentTime, performance.now(), Infinity];
    this.#silent = track.muted;
    const look = () => {
      if (this.#closed) return;
      const now = performance.now();
      if (track.readyState === "ended") return this.#end("microphone-gone");
      if (context.currentTime !== clock) [clock, moved] = [context.currentTime, now];
      else if (now - moved > PATIENCE) return this.#end("microphone-still");
      // Another program, a call say, may have taken the sound away for a while.
      if (context.state !== "running") context.resume().catch(() => {});
      if (!track.muted) [mutedSince, this.#silent] = [Infinity, false];
      else if (mutedSince === Infinity) mutedSince = now;
      const muted = now - mutedSince >= MOMENT;
      if (muted !== this.#muted) this.#listener.muted((this.#muted = muted));
      if (this.#listener.seen?.() === false) this.#listener.unseen?.();
    };
    const { signal } = this.#closing;
    for (const event of ["ended", "mute", "unmute"]) track.addEventListener(event, look, { signal });
    context.addEventListener("statechange", look, { signal });
    // A page that slept has not looked: its clock begins anew.
    document.addEventListener("visibilitychange", () => (moved = performance.now()), { signal });
    const looking = setInterval(look, BETWEEN_LOOKS);
    signal.addEventListener("abort", () => clearInterval(looking));
    look();
  }

  /** @param {"microphone-gone" | "microphone-still"} name */
  #end(name) {
    this.close();
    this.#listener.gone(failure(name));
  }
}

/** Why there can be no microphone here at all. @returns {Failure | null} */
export function whyNone() {
  if (isClosedTo("microphone")) return failure("frame-closed", undefined, { what: "microphone" });
  if (!isSecureContext) return failure("microphone-absent", texts.errors.insecure);
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.AudioWorkletNode) return failure("microphone-absent", texts.errors.noMicrophoneHere);
  return null;
}

/** @param {unknown} error */
function refined(error) {
  // Some browsers do not say what a frame may do before it is tried.
  const denied = error instanceof Error && error.name === "microphone-denied";
  return denied && isClosedTo("microphone", true) ? failure("frame-closed", undefined, { what: "microphone" }) : error;
}

/** @param {number} milliseconds @param {Promise<void>} promise */
async function within(milliseconds, promise) {
  let late = 0;
  const limit = new Promise((_, reject) => (late = setTimeout(() => reject(failure("microphone-still")), milliseconds)));
  try {
    await Promise.race([promise, limit]);
  } finally {
    clearTimeout(late);
  }
}
