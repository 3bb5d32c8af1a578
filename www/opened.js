// Runs before anything else, and where modules do not: says why nothing will happen, in the visitor's language where it is one
// of the page's. No module, so that browsers run it from a file too.
{
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
}
