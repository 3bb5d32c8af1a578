// The page in a frame of another page: what it may not do there, and the way out of it.
import { element } from "../kit/element.js";
import { sentence } from "../kit/failure.js";
import { texts } from "../texts.js";

/**
 * Whether whoever frames the page keeps something from it. Not every browser says so before it is tried.
 * @param {"microphone" | "camera"} what @param {boolean} [refused] it was tried and refused
 */
export function isClosedTo(what, refused = false) {
  if (self === top) return false;
  const policy = /** @type {any} */ (document).permissionsPolicy ?? /** @type {any} */ (document).featurePolicy;
  if (policy?.allowsFeature) return !policy.allowsFeature(what);
  return refused;
}

/** Says what went wrong, with the link out of the frame where that helps. @param {Element} place @param {unknown} error @param {string} otherwise */
export function say(place, error, otherwise) {
  place.replaceChildren(sentence(error, otherwise));
  if (error instanceof Error && error.name === "frame-closed") place.append(" ", wayOut());
}

const wayOut = () => element("a", { href: location.href, target: "_blank", rel: "noopener", textContent: texts.errors.ownTab });
