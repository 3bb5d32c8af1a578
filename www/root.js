// Where the page lies: the root of its host, or a folder of it. Only this module asks for its own address: published, the others lie in
// files beside it (docs/decisions/0019-joined-modules.md).

export const ROOT = new URL("../", import.meta.url);
