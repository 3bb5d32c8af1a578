// Without a network: has the service worker keep the page, once it works, and tells when a newer one is there.
import { element, find } from "../kit/element.js";
import { ROOT } from "../root.js";
import { texts } from "../texts.js";
import { trusted } from "../kit/trusted.js";

/** @import { Answer, Call, News } from "../service-worker-globals.d.ts" */

const WORKER = new URL("service-worker.js", ROOT);
/** A page that stays open asks so often whether there is a newer one, in milliseconds. */
const BETWEEN_LOOKS = 3_600_000;
/** One file may take so long on a slow line; a worker that was ended meanwhile never answers. In milliseconds. */
const PATIENCE = 300_000;

const status = find("offline");
/** What was fetched before there was a worker to keep it. @type {Set<string>} */
const used = new Set();
new PerformanceObserver((list) => {
  for (const { name } of list.getEntries()) used.add(name);
}).observe({ type: "resource", buffered: true });

let begun = false;
let looking = false;
let kept = false;

/** Keeps the page for times without a network. To be called when it works: what it needs itself comes first. */
export async function keepForOffline() {
  // Not everywhere: pages that are not secure and some private windows have no such worker, and lose nothing else.
  if (begun || !navigator.serviceWorker || !("caches" in globalThis)) return;
  begun = true;
  try {
    navigator.serviceWorker.addEventListener("message", (/** @type {MessageEvent<News>} */ { data }) => {
      if (data === "newer") announce();
    });
    await navigator.serviceWorker.register(/** @type {any} */ (trusted(WORKER)), { updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    const answer = await ask("state");
    show(answer);
    if (savesData()) return offer(answer.state === "kept" ? texts.offline.look : texts.offline.keep);
    look();
    addEventListener("online", look);
    setInterval(look, BETWEEN_LOOKS);
  } catch {
    // The page works as it does without.
  }
}

/** Fetches what is missing, piece by piece, as long as the page is open. @returns {Promise<Answer>} */
async function look() {
  /** @type {Answer} */
  let answer = { state: "failed" };
  if (looking) return answer;
  looking = true;
  try {
    do {
      answer = await ask("keep");
      show(answer);
    } while (answer.state === "more");
  } catch {
    // The worker did not answer; the next look goes on from what it has.
    show(answer = { state: "failed" });
  }
  looking = false;
  return answer;
}

/** @param {Call["call"]} call @returns {Promise<Answer>} */
async function ask(call) {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("no answer")), PATIENCE);
    port1.onmessage = ({ data }) => {
      clearTimeout(late);
      port1.close();
      resolve(data);
    };
    active?.postMessage(/** @type {Call} */ ({ call, used: [...used] }), [port2]);
  });
}

/** @param {Answer} answer */
function show(answer) {
  if (answer.state === "kept") {
    kept = true;
    status.textContent = texts.offline.ready;
    if (answer.newer) announce();
  }
  // What is kept already goes on working, whatever becomes of a newer version.
  if (kept) return;
  if (answer.state === "more") status.textContent = texts.offline.keeping(answer.loaded, answer.total);
  else status.textContent = answer.state === "full" ? texts.offline.full : "";
}

/** Whether the visitor's line is to be spared. */
const savesData = () => /** @type {any} */ (navigator).connection?.saveData === true;

/** Nothing is fetched unasked. @param {string} label */
function offer(label) {
  const button = element("button", { type: "button", className: "quiet", textContent: label });
  button.addEventListener("click", async () => {
    button.remove();
    const { state } = await look();
    if (state === "kept" || state === "full") return;
    if (!kept) status.textContent = texts.offline.failed;
    offer(texts.retry);
  });
  status.append(" ", button);
}

/** The newer version is opened when the visitor wants: what was said is kept only until then. */
function announce() {
  const news = find("news");
  if (news.childElementCount) return;
  const load = element("button", { type: "button", className: "button", textContent: texts.offline.load });
  const later = element("button", { type: "button", className: "quiet", textContent: texts.offline.later });
  load.addEventListener("click", () => location.reload());
  later.addEventListener("click", () => news.replaceChildren());
  news.append(element("p", { textContent: texts.offline.newer }), element("div", { className: "tools" }, load, later));
}
