// In the audio thread: gathers what the microphone gives into blocks of about 30 ms and hands them to a port.

class Capture extends AudioWorkletProcessor {
  /** @type {MessagePort | null} */
  #port = null;
  #block = new Float32Array(128 * Math.max(1, Math.round((0.03 * sampleRate) / 128)));
  #filled = 0;
  #stopped = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data.port) this.#port = data.port;
      if (data.stop) {
        this.#stopped = true;
        this.#send();
      }
    };
  }

  /** @param {Float32Array[][]} inputs */
  process([channels]) {
    if (this.#stopped) return false;
    const length = channels?.[0]?.length ?? 0;
    for (let at = 0; at < length; at++) {
      let sum = 0;
      for (const channel of channels) sum += channel[at];
      this.#block[this.#filled++] = sum / channels.length;
      if (this.#filled === this.#block.length) this.#send();
    }
    return true;
  }

  #send() {
    if (!this.#port || this.#filled === 0) return;
    const block = this.#block.slice(0, this.#filled);
    this.#filled = 0;
    this.#port.postMessage(block, [block.buffer]);
  }
}

registerProcessor("hearsight-capture", Capture);
