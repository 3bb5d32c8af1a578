// What the first bytes of a JPEG say of it: how large it is, and how it was held (ITU-T T.81, and Exif 2.32 for the latter).

/** Start of a frame: size; not tables of Huffman (c4), of arithmetic coding (cc), or an extension (c8). */
const isFrame = (/** @type {number} */ marker) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const ORIENTATION = 0x112;

/** @param {Uint8Array} bytes @returns {{ width: number, height: number, orientation: number } | null} null for what is no JPEG, or has its size further behind */
export function jpegHead(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return null;
  let orientation = 1;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1];
    if (isFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7), orientation };
    if (marker === 0xe1 && orientation === 1) orientation = held(bytes.subarray(at + 4, at + 2 + view.getUint16(at + 2)));
  }
  return null;
}

/** @param {Uint8Array} segment @returns {number} 1 where nothing is said */
function held(segment) {
  if (segment.length < 20 || String.fromCharCode(...segment.subarray(0, 6)) !== "Exif\0\0") return 1;
  const tiff = new DataView(segment.buffer, segment.byteOffset + 6, segment.length - 6);
  const little = tiff.getUint16(0) === 0x4949;
  const first = tiff.getUint32(4, little);
  if (first + 2 > tiff.byteLength) return 1;
  for (let entry = 0; entry < tiff.getUint16(first, little); entry++) {
    const at = first + 2 + 12 * entry;
    if (at + 12 > tiff.byteLength) return 1;
    if (tiff.getUint16(at, little) === ORIENTATION) return Math.min(8, Math.max(1, tiff.getUint16(at + 8, little)));
  }
  return 1;
}
