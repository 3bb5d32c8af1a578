// Keeps the screen awake as long as something runs: a telephone whose screen goes dark would stop it. Browsers take that
// back whenever the page is out of sight, so it is asked for again when it comes back. Where it is denied, so be it.

/** @returns {() => void} what lets the screen go dark again */
export function keepAwake() {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  const over = new AbortController();
  const ask = async () => {
    if (document.visibilityState !== "visible" || (lock && !lock.released)) return;
    const got = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
    if (over.signal.aborted) got?.release();
    else lock = got;
  };
  document.addEventListener("visibilitychange", ask, { signal: over.signal });
  ask();
  return () => {
    over.abort();
    lock?.release();
  };
}
