// The page's one policy of Trusted Types: scripts are its own. Browsers without them take the address as it is.

const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("hearsight", {
  createScriptURL(/** @type {string} */ url) {
    if (new URL(url).origin !== location.origin) throw new TypeError(`Not a script of this page: ${url}`);
    return url;
  },
});

/** The address of a script as browsers want it for workers. @param {URL} url @returns {URL} */
export const trusted = (url) => policy?.createScriptURL(url.href) ?? url;
