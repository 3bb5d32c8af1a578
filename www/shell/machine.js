// What the page is doing: a state with a name, and what can happen in each. It knows no browser, so that it is tested without
// one (tests/unit/machine.test.js).

/** @typedef {keyof typeof TRANSITIONS} State */
/** @typedef {{ [Name in State]: keyof typeof TRANSITIONS[Name] }[State]} Happening */
/** @typedef {{ leave?: () => void }} Held what a state has as long as it lasts; `leave` is called when it ends, however it ends */

/** What can happen in a state, and the state that follows. */
export const TRANSITIONS = /** @type {const} */ ({
  // The parts of an engine are on their way.
  loading: { arrived: "preparing", failed: "failed" },
  // They are here: the engine starts.
  preparing: { started: "ready", restarted: "preparing", failed: "failed" },
  ready: { spoke: "listening", asked: "searching", restarted: "preparing", failed: "failed" },
  listening: { opened: "listening", stopped: "searching", cancelled: "ready", restarted: "preparing", failed: "failed" },
  searching: { answered: "ready", restarted: "preparing", failed: "failed" },
  // Nothing goes on without the visitor.
  failed: { retried: "loading", restarted: "preparing" },
});

/** @template {Held} T of the state `listening` */
export class Machine {
  /** @type {State} */
  #state = "loading";
  /** @type {T | null} */
  #held = null;
  /** @type {(() => void) | null} */
  #next = null;
  #changed;

  /** @param {(state: State, status: string) => void} changed is told of each state, and of each new status in it */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @returns {State} */
  get state() {
    return this.#state;
  }

  /** Whether an engine answers. */
  get isUp() {
    return this.#state === "ready" || this.#state === "listening" || this.#state === "searching";
  }

  /** What the state has that the page is in. */
  get held() {
    return this.#held;
  }

  /**
   * @param {Happening} happening @param {string} status one sentence for the visitor @param {T} [held] of the state that follows
   * @returns {boolean} whether it can happen now: nothing has changed where it cannot
   */
  go(happening, status, held) {
    const to = /** @type {Partial<Record<Happening, State>>} */ (TRANSITIONS[this.#state])[happening];
    if (!to) return false;
    const left = to === this.#state ? null : this.#held;
    if (left) this.#held = null;
    if (held) this.#held = held;
    this.#state = to;
    left?.leave?.();
    this.say(status);
    if (to === "ready") this.#goOn();
    return true;
  }

  /** Another sentence in the same state. @param {string} status */
  say(status) {
    this.#changed(this.#state, status);
  }

  /** Does it as soon as nothing else is done; of two that wait, the later one is meant. @param {() => void} act */
  whenReady(act) {
    this.#next = act;
    if (this.#state === "ready") this.#goOn();
  }

  #goOn() {
    const next = this.#next;
    this.#next = null;
    next?.();
  }
}
