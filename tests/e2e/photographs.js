// Photographs for the tests, made by the browser: parts of the gallery's, tinted, with a mark each, so that no two are the same. They
// lie in a folder of the page's own file system, and the chooser of folders, which no test can press, gives that folder.

/** To be called before the page opens. */
export const giveFolder = (page, name = "Holiday") =>
  page.addInitScript((name) => {
    window.showDirectoryPicker = async () => (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
  }, name);

/**
 * Makes photographs `from` to `to`, a hundred to a folder; gives the milliseconds that it took.
 * @param {{ from?: number, to: number, width?: number, height?: number, name?: string }} wish
 */
export const makePhotographs = (page, { from = 0, to, width = 500, height = 375, name = "Holiday" }) =>
  page.evaluate(async ([from, to, width, height, name]) => {
    const start = performance.now();
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
    const { pictures } = await (await fetch("/www/gallery/gallery.json")).json();
    const bitmaps = await Promise.all(pictures.filter((_, place) => place % 8 === 0).map(async ({ file }) => createImageBitmap(await (await fetch(`/www/gallery/${file}`)).blob())));
    const canvas = new OffscreenCanvas(width, height);
    const pen = canvas.getContext("2d");
    const write = async (number) => {
      const bitmap = bitmaps[number % bitmaps.length];
      const turn = Math.floor(number / bitmaps.length);
      const [share, x, y] = [0.6 + ((turn * 37) % 40) / 100, (turn * 13) % 40, (turn * 29) % 40];
      pen.filter = `hue-rotate(${(turn * 7) % 40}deg)`;
      pen.drawImage(bitmap, x, y, bitmap.width * share - x, bitmap.height * share - y, 0, 0, width, height);
      pen.filter = "none";
      for (let bit = 0; bit < 16; bit++) {
        pen.fillStyle = (number >> bit) & 1 ? "#fff" : "#000";
        pen.fillRect(4 + bit * 6, 4, 5, 5);
      }
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
      const folder = await root.getDirectoryHandle(`roll ${Math.floor(number / 100)}`, { create: true });
      const file = await (await folder.getFileHandle(`photo_${number}.jpg`, { create: true })).createWritable();
      await file.write(blob);
      await file.close();
    };
    for (let number = from; number < to; number++) await write(number);
    return performance.now() - start;
  }, [from, to, width, height, name]);

/** Files of any content in that folder. @param {Record<string, Buffer | null>} files by their paths; null removes one */
export const lay = (page, files, name = "Holiday") =>
  page.evaluate(async ([files, name]) => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
    for (const [path, text] of files) {
      const names = path.split("/");
      let folder = root;
      for (const one of names.slice(0, -1)) folder = await folder.getDirectoryHandle(one, { create: true });
      if (text === null) {
        await folder.removeEntry(names.at(-1));
        continue;
      }
      const file = await (await folder.getFileHandle(names.at(-1), { create: true })).createWritable();
      await file.write(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
      await file.close();
    }
  }, [Object.entries(files).map(([path, bytes]) => [path, bytes && bytes.toString("base64")]), name]);

/** An index file of pictures that nobody has: each has a vector near that of a picture of the gallery, or nowhere. @param {number} count */
export const indexOf = (page, count) =>
  page.evaluate(async (count) => {
    const canvas = new OffscreenCanvas(40, 30);
    const pen = canvas.getContext("2d");
    const copies = [];
    for (let shade = 0; shade < 16; shade++) {
      pen.fillStyle = `hsl(${shade * 22}deg 50% 50%)`;
      pen.fillRect(0, 0, 40, 30);
      copies.push(new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer()));
    }
    const pictures = Array.from({ length: count }, (_, number) => ({
      id: `own-${1_700_000_000_000 + number}-test`, title: `Picture ${number}`, width: 40, height: 30, content: `${number}`,
      // One of an older network.
      network: number ? null : "older",
      sources: [{ path: `${number}.jpg`, size: 1, modified: number, folder: null }], taken: null, where: null, bytes: copies[number % 16].length,
    }));
    const vectors = new Uint8Array(count * 768);
    const view = new DataView(vectors.buffer);
    let seed = 1;
    for (let at = 0; at < count * 384; at++) {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      // Numbers around 0.05 of both signs, in f16.
      view.setUint16(at * 2, (seed & 0x10000 ? 0x8000 : 0) | (0x2800 + ((seed >> 17) & 0x3ff)), true);
    }
    const list = new TextEncoder().encode(JSON.stringify({ pictures }));
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, list.length, true);
    const blob = new Blob(["hearsight-index-1\n", length, list, vectors, ...pictures.map((_, number) => copies[number % 16])]);
    const transfer = new DataTransfer();
    transfer.items.add(new File([blob], "test.hearsight-index"));
    const input = document.getElementById("own-index-input");
    input.files = transfer.files;
    input.dispatchEvent(new Event("change"));
  }, count);
