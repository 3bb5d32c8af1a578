// Speaking: from Speak to what was said. The microphone is the listening state's own, so that it is let go however that ends.
import { complain, complainOf, settle } from "../shell/alarm.js";
import { find } from "../kit/element.js";
import { failure } from "../kit/failure.js";
import { OpenMicrophone, whyNone } from "../shell/microphone.js";
import { texts } from "../texts.js";

/** @import { Clip, Heard, Ranking } from "../types.d.ts" */
/** @import { Failure } from "../kit/named.js" */
/** @import { Machine } from "../shell/machine.js" */
/** @import { Running } from "../shell/running.js" */
/** @import { Sound } from "./sound.js" */
/** @typedef {{ microphone: OpenMicrophone, isOpen: boolean, spoken: boolean, leave: () => void }} Listening until the visitor has allowed it, it is not open */
/**
 * @typedef {object} Ears
 * @property {(asked: Promise<Ranking>) => void} answer with what comes of it
 * @property {(clip: Clip) => void} said what can be played
 * @property {() => void} rest the wall
 * @property {() => void} reveal the place where something is about to happen
 */

const speakButton = /** @type {HTMLButtonElement} */ (find("speak"));

export class Speaking {
  #machine;
  #running;
  #sound;
  #ears;

  /** @param {Machine<Listening>} machine @param {Running} running @param {Sound} sound @param {Ears} ears */
  constructor(machine, running, sound, ears) {
    this.#machine = machine;
    this.#running = running;
    this.#sound = sound;
    this.#ears = ears;
  }

  /** Speak, or Stop. */
  async press() {
    if (this.#machine.state === "listening") return this.finish();
    const { engine, program } = this.#running;
    if (this.#machine.state !== "ready" || !program || !engine) return;
    settle();
    this.#sound.stop();
    const impossible = whyNone();
    if (impossible) return complainOf(impossible, texts.errors.unknown);
    const microphone = new OpenMicrophone({
      late: () => complain(texts.errors.late),
      muted: (muted) => (muted ? complainOf(microphone.trouble, texts.errors.unknown) : settle()),
      gone: (why) => this.#lose(mine, why),
      // Nobody is to be heard without a Stop in sight.
      seen: () => speakButton.offsetParent !== null,
      unseen: () => this.cancel(),
    });
    const leave = () => {
      microphone.close();
      this.#sound.rest();
    };
    const mine = { microphone, isOpen: false, spoken: false, leave };
    this.#machine.go("spoke", texts.permission, mine);
    try {
      const port = await microphone.open(program);
      if (!port || this.#machine.held !== mine) return;
      mine.isOpen = true;
      settle();
      await engine.here.listen(port, microphone.sampleRate);
      if (this.#machine.held !== mine) return;
      this.#sound.begin();
      this.#ears.reveal();
      this.#machine.go("opened", texts.listening);
    } catch (error) {
      if (this.#machine.held !== mine) return;
      this.#machine.go("cancelled", texts.readyAgain);
      complainOf(error, texts.errors.unknown);
    }
  }

  /** @param {Heard} block */
  heard(block) {
    const mine = this.#machine.held;
    if (!mine) return;
    mine.spoken ||= block.speaking;
    this.#sound.add(block.frames, block.seconds);
    speakButton.style.setProperty("--level", Math.min(1, Math.max(0, (block.level + 60) / 50)).toFixed(2));
    if (block.ended) this.finish();
  }

  /** @param {Failure | null} [why] the microphone may be the reason that no speech was heard */
  finish(why = this.#machine.held?.microphone.trouble) {
    const { engine } = this.#running;
    if (!this.#machine.held?.isOpen || !engine) {
      settle();
      this.#machine.go("cancelled", texts.cancelled);
      return;
    }
    this.#machine.go("stopped", texts.searching);
    this.#ears.answer(
      engine.here.finish().then((finished) => {
        if (!finished) throw failure("engine-failed", texts.errors.unknown);
        this.#ears.said(finished.clip);
        if (finished.ranking) return finished.ranking;
        if (why && finished.error?.name === "no-speech") throw why;
        throw failure(finished.error?.name ?? "", finished.error?.message ?? "", finished.error?.details);
      }),
    );
  }

  /** @param {string} status */
  cancel(status = texts.cancelled) {
    if (this.#machine.state !== "listening") return;
    this.#running.engine?.here.cancel().catch(() => {});
    this.#ears.rest();
    this.#sound.empty();
    this.#machine.go("cancelled", status);
  }

  /** The microphone is gone: what was said until then is searched with. @param {Listening} mine @param {Failure} why */
  #lose(mine, why) {
    if (this.#machine.held !== mine) return;
    if (mine.spoken) this.finish(why);
    else this.cancel(texts.readyAgain);
    complainOf(why, texts.errors.unknown);
  }
}
