// Whether two files hold the same: names say nothing about that.

/** SHA-256 of a file in hexadecimal; null where the browser computes none (pages that are not secure). @param {Blob} file */
export async function contentOf(file) {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {Blob} one @param {Blob} other */
export async function isSame(one, other) {
  if (one.size !== other.size) return false;
  const [a, b] = [new Uint8Array(await one.arrayBuffer()), new Uint8Array(await other.arrayBuffer())];
  return a.every((byte, place) => byte === b[place]);
}
