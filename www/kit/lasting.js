// Asks the browser, once, to keep what the visitor adds until they remove it, and knows where that is promised by nobody.
import { ROOT } from "../root.js";

const ASKED = `hearsight asked to keep ${ROOT.pathname}`;
let asked = false;

/** To be called when something was kept: by then the browser, or the visitor whom it asks, knows what for. */
export async function askToLast() {
  if (asked || !navigator.storage?.persist) return;
  asked = true;
  try {
    if (localStorage.getItem(ASKED) || (await navigator.storage.persisted())) return;
    localStorage.setItem(ASKED, "yes");
  } catch {
    // Denied: then it is asked at every visit.
  }
  await navigator.storage.persist().catch(() => false);
}

/** Whether this is Safari, which forgets a site that was not visited for a week, and did not promise otherwise. */
export async function forgetsInAWeek() {
  const safari = /^((?!chrom|android|crios|fxios|edg).)*safari/i.test(navigator.userAgent);
  return safari && !(await navigator.storage?.persisted?.().catch(() => false));
}
