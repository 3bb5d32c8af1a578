// An error whose message is a sentence for the visitor; its name is a code, as the engine's are.

/** @param {string} name @param {string} sentence */
export function failure(name, sentence) {
  const error = new Error(sentence);
  error.name = name;
  return error;
}

/** What the engine and the page raise is named by a code; what the browser raises, by a class such as TypeError. */
const CODE = /^[a-z0-9]+(-[a-z0-9]+)+$/;

/**
 * The sentence of an error, or `otherwise` where it was not written for people.
 * @param {unknown} error @param {string} otherwise
 */
export function sentence(error, otherwise) {
  return error instanceof Error && CODE.test(error.name) ? error.message : otherwise;
}
