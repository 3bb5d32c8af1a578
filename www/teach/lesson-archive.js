// Recordings on their way out and in: a zip, or a folder of clips with a table.
import { sorted } from "../shell/dropped.js";
import { failure, sentence } from "../kit/failure.js";
import { baseOf, folderOf, freeName } from "../kit/paths.js";
import { texts } from "../texts.js";
import { instance } from "../shell/wasm.js";

/** @import { Given } from "../shell/dropped.js" */
/** @import { EngineClient } from "../shell/engine.js" */
/** @import { ArchiveFile, Clip, Pair } from "../types.d.ts" */
/** @typedef {Map<string, Blob>} Files by their paths */
/** @typedef {{ picture: string, title: string, own: Blob | null, recordings: { id: string, clip: () => Clip }[] }} Packed a picture of the lesson; own is its file where the visitor brought it */
/**
 * @typedef {object} Found a row of a table
 * @property {string} image as the table calls it
 * @property {string} audio as the table calls it
 * @property {string} key of the picture: its path, where it came along
 * @property {Blob | null} picture that came along
 * @property {Blob | null} clip
 */

/** A zip of everything. @param {EngineClient} engine @param {Packed[]} lesson */
export async function packLesson(engine, lesson) {
  /** @type {ArchiveFile[]} */
  const files = [];
  /** @type {Pair[]} */
  const rows = [];
  /** Two pictures may have one title. @type {Set<string>} */
  const taken = new Set();
  for (const { picture, title, own, recordings } of lesson) {
    const image = own ? `images/${freeName(title, ".jpg", taken)}` : picture;
    if (own) files.push({ name: image, bytes: new Uint8Array(await own.arrayBuffer()) });
    for (const { id, clip } of recordings) {
      const audio = `clips/${id}.wav`;
      const { samples, sampleRate } = clip();
      files.push({ name: audio, bytes: await engine.program.wav(samples, sampleRate) });
      rows.push({ image, audio, text: "", language: "", voice: "", split: "train" });
    }
  }
  try {
    return await engine.program.pack([...files, { name: "pairs.tsv", bytes: await engine.program.writePairs(rows) }]);
  } catch (error) {
    // Its sentence speaks of zips that are read.
    throw error instanceof Error && error.name === "bad-archive" ? failure("bad-archive", texts.teach.notPacked) : error;
  }
}

/**
 * What the tables say in some files: zips, or clips and pictures with a table.
 * @param {EngineClient} engine @param {Given[]} given
 * @returns {Promise<{ rows: Found[], problems: string[] }>}
 */
export async function readLesson(engine, given) {
  const { zip, other, taught, ...loose } = await sorted(given);
  /** @type {string[]} */
  const problems = [];
  /** @type {Files} */
  const files = new Map([...loose.table, ...loose.picture, ...loose.sound, ...other].map(({ path, file }) => [path, file]));
  /** Each zip is a lesson of its own, unless its table lies beside it. @type {Files[]} */
  const lessons = [files];
  const isFolder = given.some(({ path }) => path.includes("/"));
  for (const { path, file } of zip) {
    // A zip in a folder that has a table is a copy of it.
    if (isFolder && loose.table.length) continue;
    try {
      const unpacked = await unpack(engine, file, problems);
      if ((await tablesOf(unpacked)).length) lessons.push(unpacked);
      else for (const [inside, one] of unpacked) files.set(inside, one);
    } catch (error) {
      problems.push(zip.length > 1 ? texts.own.leftOut(baseOf(path), sentence(error, texts.errors.unknown)) : sentence(error, texts.errors.unknown));
    }
  }
  /** @type {Found[]} */
  const rows = [];
  for (const [number, lesson] of lessons.entries()) {
    const tables = await tablesOf(lesson);
    // Nothing but zips was given.
    if (!tables.length && number === 0 && (lessons.length > 1 || problems.length || !lesson.size)) continue;
    try {
      if (!tables.length) throw failure("bad-archive", texts.teach.noTable);
      for (const { folder, rows: said } of await readTables(engine, lesson, tables, problems)) {
        const { findPaths } = await instance;
        const found = findPaths([...lesson.keys()], folder, said.flatMap(({ image = "", audio }) => [image, audio]));
        for (const [place, { image = "", audio }] of said.entries()) {
          const [picture, clip] = [found[2 * place] ?? null, found[2 * place + 1] ?? ""];
          rows.push({ image, audio, key: `${number} ${picture ?? image}`, picture: lesson.get(picture ?? "") ?? null, clip: lesson.get(clip) ?? null });
        }
      }
    } catch (error) {
      problems.push(sentence(error, texts.errors.unknown));
    }
  }
  return { rows, problems };
}

/** @param {EngineClient} engine @param {File} file @param {string[]} problems @returns {Promise<Files>} */
async function unpack(engine, file, problems) {
  const { isHidden } = await instance;
  const unpacked = await engine.program.openZip(file);
  for (const { name, code, sentence: said } of unpacked.leftOut) {
    if (!isHidden(name)) problems.push(texts.own.leftOut(name, sentence(failure(code, said, {}), texts.errors.unreadable)));
  }
  const { zip, table, taught, ...others } = await sorted(unpacked.files.map(({ name, bytes }) => ({ path: name, file: new File([bytes], baseOf(name)) })));
  return new Map([...table, ...others.picture, ...others.sound, ...others.other].map((one) => [one.path, one.file]));
}

/** Tables that may speak of recordings. @param {Files} files */
async function tablesOf(files) {
  const { chooseTable } = await instance;
  return chooseTable([...files.keys()]);
}

/**
 * The first of each folder that can be read.
 * @param {EngineClient} engine @param {Files} files @param {string[]} tables @param {string[]} problems
 * @returns {Promise<{ folder: string, rows: Pair[] }[]>}
 */
async function readTables(engine, files, tables, problems) {
  const { isGuessed } = await instance;
  /** @type {Map<string, Pair[]>} */
  const read = new Map();
  /** @type {unknown} */
  let first = null;
  for (const table of tables) {
    const folder = folderOf(table);
    if (read.has(folder)) continue;
    try {
      const bytes = new Uint8Array(await /** @type {Blob} */ (files.get(table)).arrayBuffer());
      const guessed = isGuessed(bytes);
      read.set(folder, await engine.program.readPairs(bytes));
      if (guessed) problems.push(texts.teach.guessed(baseOf(table)));
    } catch (error) {
      first ??= error;
    }
  }
  if (!read.size) throw first;
  return [...read].map(([folder, rows]) => ({ folder, rows }));
}
