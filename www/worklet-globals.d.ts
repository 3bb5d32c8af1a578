// What an AudioWorklet's script finds in its own global scope; TypeScript's library has only the page's side.

declare const sampleRate: number;

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
