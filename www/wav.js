// Wav files that browsers refuse because of their sizes: of a pipe, a recorder that was cut off, a tool that forgot a byte.
// What is there is put under a header that says so.

/**
 * @param {Uint8Array<ArrayBuffer>} bytes of any file
 * @returns {ArrayBuffer | null} the same sound; null where this is no wav file with sound in it
 */
export function mended(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const name = (/** @type {number} */ at) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (!["RIFF", "RF64", "BW64"].includes(name(0)) || name(8) !== "WAVE") return null;
  /** @type {Uint8Array | null} */
  let format = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name(at) === "fmt ") format = bytes.subarray(start, Math.min(start + size, bytes.length));
    if (name(at) === "data" && format && format.length >= 16) {
      // Zero, or more than there is: then it goes to the end.
      const end = size === 0 || start + size > bytes.length ? bytes.length : start + size;
      return written(format, bytes.subarray(start, end));
    }
    at = start + size;
    // An odd length is followed by an empty byte, if nobody forgot it.
    if (size % 2 && !/^[\x20-\x7e]{4}$/.test(name(at))) at++;
  }
  return null;
}

/** @param {Uint8Array} format @param {Uint8Array} data */
function written(format, data) {
  const frame = Math.max(1, new DataView(format.buffer, format.byteOffset).getUint16(12, true));
  const whole = data.subarray(0, data.length - (data.length % frame));
  const bytes = new Uint8Array(28 + format.length + (format.length % 2) + whole.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const put = (/** @type {string} */ name, /** @type {number} */ size) => {
    for (const letter of name) bytes[at++] = letter.charCodeAt(0);
    view.setUint32(at, size, true);
    at += 4;
  };
  put("RIFF", bytes.length - 8);
  for (const letter of "WAVE") bytes[at++] = letter.charCodeAt(0);
  put("fmt ", format.length);
  bytes.set(format, at);
  at += format.length + (format.length % 2);
  put("data", whole.length);
  bytes.set(whole, at);
  return bytes.buffer;
}
