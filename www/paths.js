// Paths as their makers meant them: one spelling for Windows, macOS and everybody else, and what systems leave lying about.

/** Files that no visitor has made. */
const LEFT_BEHIND = new Set(["__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "$recycle.bin", "system volume information"]);

/** Whether a file is a system's own, or hidden: nobody misses it. @param {string} path */
export function isJunk(path) {
  return spelled(path).split("/").some((part) => part.startsWith(".") || part.startsWith("~$") || LEFT_BEHIND.has(part.toLowerCase()));
}

/** A path in the one spelling: letters composed, `/` between folders, nothing that leads nowhere. @param {string} path */
export function spelled(path) {
  /** @type {string[]} */
  const parts = [];
  for (const part of path.normalize("NFC").replaceAll("\\", "/").replace(/^[a-z]:(?=\/)/i, "").trim().split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/** Without its folders. @param {string} path */
export const baseOf = (path) => path.slice(path.lastIndexOf("/") + 1);

/** The folder with a slash at its end; empty at the root. @param {string} path */
export const folderOf = (path) => path.slice(0, path.lastIndexOf("/") + 1);

/** @param {string} path */
export const depthOf = (path) => path.split("/").length;

/** Files by their paths, found in any spelling. @template File */
export class Files {
  /** @type {Map<string, File>} */
  #exact = new Map();
  /** @type {Map<string, Set<string>>} */
  #anyCase = new Map();

  /** @param {string} path @param {File} file takes the place of one of the same path */
  add(path, file) {
    const name = spelled(path);
    this.#exact.set(name, file);
    const key = name.toLowerCase();
    this.#anyCase.set(key, (this.#anyCase.get(key) ?? new Set()).add(name));
  }

  /** @param {Files<File>} others */
  addAll(others) {
    for (const path of others.paths) this.add(path, /** @type {File} */ (others.get(path)));
  }

  /** In the order in which they came. */
  get paths() {
    return [...this.#exact.keys()];
  }

  /** @param {string} path in its one spelling */
  get(path) {
    return this.#exact.get(path);
  }

  /** What a table in a folder calls `name`: relative to it, or to the root; letters of another case where that is clear. @param {string} folder @param {string} name @returns {string | null} its path */
  find(folder, name) {
    if (!name.trim()) return null;
    const paths = [spelled(folder + name.replaceAll("\\", "/").replace(/^[a-z]:(?=\/)/i, "")), spelled(name)];
    for (const path of paths) if (this.#exact.has(path)) return path;
    for (const path of paths) {
      const found = this.#anyCase.get(path.toLowerCase());
      if (found?.size === 1) return [...found][0] ?? null;
    }
    return null;
  }
}

/** A file name for a title that is not taken yet, on any system. @param {string} title @param {string} ending @param {Set<string>} taken */
export function freeName(title, ending, taken) {
  const plain = title.normalize("NFC").replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, " ").slice(0, 80).replace(/^[\s.]+|[\s.]+$/g, "") || "_";
  for (let number = 1; ; number++) {
    const name = `${plain}${number > 1 ? ` (${number})` : ""}${ending}`;
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    return name;
  }
}
