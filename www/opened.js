// Runs before anything else, and where modules do not: says why nothing will happen, in the visitor's language where it is one
// of the page's, and asks for the program that this browser can use. No module, so that browsers run it from a file too.
{
  /** As many as share the engine's work at most: each more would shorten an answer less than it warms a telephone. */
  const THREADS = 4;
  /** As many pages of memory as the program with threads asks for (xtask/src/wasm.rs). */
  const MEMORY = 32_768;

  /** @param {string} id of the place that says it */
  const reveal = (id) => {
    const place = document.getElementById(id);
    if (!place) return;
    const sentences = /** @type {HTMLElement[]} */ ([...place.children]);
    const said = sentences.find(({ lang }) => lang && navigator.language.startsWith(lang)) ?? sentences[0];
    for (const sentence of sentences) sentence.hidden = sentence !== said;
    place.hidden = false;
  };
  if (location.protocol === "file:") addEventListener("DOMContentLoaded", () => reveal("from-file"));
  else {
    // A part of the program that did not arrive is told of here and nowhere else.
    addEventListener("error", ({ target }) => {
      if (!(target instanceof HTMLScriptElement) || target.id !== "program") return;
      if (document.readyState === "loading") addEventListener("DOMContentLoaded", () => reveal("no-program"));
      else reveal("no-program");
    }, true);
  }

  // Threads share the program's memory, which a page may only where it is isolated, and a browser only where it has the addresses.
  let helpers = globalThis.crossOriginIsolated ? Math.min(THREADS, navigator.hardwareConcurrency) - 1 : 0;
  try {
    if (helpers) new WebAssembly.Memory({ initial: 1, maximum: MEMORY, shared: true });
  } catch {
    helpers = 0;
  }
  document.documentElement.dataset.helpers = String(helpers);
  // What Speak waits for, behind what is seen first. Preloading the modules too held up the first paint and brought Speak no sooner.
  const program = helpers ? "pkg/threads/" : "pkg/cpu/";
  const early = { preload: `${program}hearsight_bg.wasm`, modulepreload: `${program}hearsight.js` };
  for (const [rel, href] of Object.entries(early)) {
    const link = Object.assign(document.createElement("link"), { rel, href, fetchPriority: "low" });
    if (rel === "preload") Object.assign(link, { as: "fetch", crossOrigin: "anonymous" });
    document.head.append(link);
  }
}
