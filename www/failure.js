// An error whose message is a sentence for the visitor; its name is a code, as the engine's are.

/** @param {string} name @param {string} sentence */
export function failure(name, sentence) {
  const error = new Error(sentence);
  error.name = name;
  return error;
}

/**
 * The codes whose message may be shown as it is.
 * @type {ReadonlySet<string>}
 */
const SPOKEN = new Set([
  "microphone-denied", "microphone-absent", "microphone-failed",
  "no-speech", "too-long", "empty-audio",
  "bad-weights", "bad-index", "bad-picture", "no-gpu", "device-lost", "engine-failed",
  "download-failed", "download-damaged", "not-supported", "unreadable-sound",
]);

/**
 * The sentence of an error, or `otherwise` where it was not written for people.
 * @param {unknown} error @param {string} otherwise
 */
export function sentence(error, otherwise) {
  return error instanceof Error && SPOKEN.has(error.name) ? error.message : otherwise;
}
