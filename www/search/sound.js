// The sound that the visitor sees and can play: its picture, its length, and the button that plays it.
import { find } from "../kit/element.js";
import { Player } from "./player.js";
import { Spectrogram } from "./spectrogram.js";
import { texts } from "../texts.js";

/** @import { Clip } from "../types.d.ts" */

const playButton = find("play");
const secondsHeard = find("seconds");
const hint = find("hint");

export class Sound {
  /** What can be played, and is searched with again when the engine is lost. @type {Clip | null} */
  clip = null;
  /** Whether the visitor spoke it just now; else it is a file. */
  spoken = false;

  #spectrogram = new Spectrogram(/** @type {HTMLCanvasElement} */ (find("spectrogram")));
  #player = new Player((playing) => {
    playButton.textContent = playing ? texts.pause : this.#label;
  });

  constructor() {
    playButton.addEventListener("click", () => {
      if (this.#player.playing) this.#player.stop();
      else if (this.clip) this.#player.play(this.clip);
    });
  }

  get #label() {
    return this.spoken || !this.clip ? texts.play : texts.playFile;
  }

  /** @param {Clip} clip @param {boolean} spoken */
  keep(clip, spoken) {
    this.clip = clip;
    this.spoken = spoken;
    playButton.textContent = this.#label;
  }

  /** It is being heard: frames come one after the other. */
  begin() {
    this.#show(true);
    this.#spectrogram.listen();
  }

  /** @param {Float32Array} frames @param {number} seconds in all */
  add(frames, seconds) {
    this.#spectrogram.add(frames);
    secondsHeard.textContent = texts.seconds(seconds);
  }

  /** All of it at once. @param {Float32Array} frames @param {number} seconds */
  whole(frames, seconds) {
    this.#show(true);
    secondsHeard.textContent = texts.seconds(seconds);
    this.#spectrogram.whole(frames);
  }

  /** Nothing more comes. */
  rest() {
    this.#spectrogram.rest();
  }

  /** It was not meant. */
  empty() {
    this.#spectrogram.empty();
    this.#show(false);
  }

  /** No longer plays. */
  stop() {
    this.#player.stop();
  }

  /** @param {boolean} isThere */
  #show(isThere) {
    hint.hidden = isThere;
    secondsHeard.hidden = !isThere;
  }
}
