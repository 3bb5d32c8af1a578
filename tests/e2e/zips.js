// Zip files for the tests: not packed, names in UTF-8.

/** @param {Record<string, Buffer | string>} files by path */
export function zip(files) {
  const [parts, central] = [[], []];
  let at = 0;
  for (const [path, content] of Object.entries(files)) {
    const [name, bytes] = [Buffer.from(path), Buffer.from(content)];
    const head = (signature, length) => {
      const header = Buffer.alloc(length);
      header.writeUInt32LE(signature);
      return header;
    };
    const local = head(0x04034b50, 30);
    const entry = head(0x02014b50, 46);
    // Version 2.0; the flag of UTF-8; checksum, lengths.
    for (const [header, shift] of [[local, 0], [entry, 2]]) {
      header.writeUInt16LE(20, 4 + shift);
      header.writeUInt16LE(0x800, 6 + shift);
      header.writeUInt32LE(checksum(bytes), 14 + shift);
      header.writeUInt32LE(bytes.length, 18 + shift);
      header.writeUInt32LE(bytes.length, 22 + shift);
      header.writeUInt16LE(name.length, 26 + shift);
    }
    entry.writeUInt16LE(20, 4);
    entry.writeUInt32LE(at, 42);
    parts.push(local, name, bytes);
    central.push(entry, name);
    at += local.length + name.length + bytes.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  for (const place of [8, 10]) end.writeUInt16LE(Object.keys(files).length, place);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directory, end]);
}

/** CRC-32 (APPNOTE 4.4.7). @param {Buffer} bytes */
function checksum(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (0xedb88320 & -(sum & 1));
  }
  return (sum ^ -1) >>> 0;
}
