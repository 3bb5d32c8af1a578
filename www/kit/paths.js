// Names of files. What spellings mean the same, and what systems leave lying about, the program knows (src/gallery/paths.rs).

/** Without its folders, as Windows writes them too. @param {string} path */
export const baseOf = (path) => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);

/** The folder with a slash at its end; empty at the root. @param {string} path */
export const folderOf = (path) => path.slice(0, path.length - baseOf(path).length);

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
