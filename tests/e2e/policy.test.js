// The policy of privacy: it is sent, and it holds. Every other test fails too where a page breaks it (browser.js).
import assert from "node:assert/strict";
import test from "node:test";
import { BASE_URL, reach, visit } from "./browser.js";

test("the page is served under its policy", async () => {
  for (const path of ["/", "/www/worker.js", "/pkg/hearsight_bg.wasm"]) {
    // A body that nobody reads would keep this process waiting for minutes.
    const { headers } = await fetch(new URL(path, BASE_URL), { method: "HEAD" });
    const policy = headers.get("content-security-policy");
    assert.match(policy, /default-src 'none';.*connect-src 'self';.*require-trusted-types-for 'script'/);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|\*/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.match(headers.get("permissions-policy"), /microphone=\(self\), camera=\(self\)/);
  }
});

test("a voice cannot leave: neither the page nor its worker can reach another origin, or run what is not its own", () =>
  visit({}, async (page) => {
    await reach(page, "ready");
    assert.ok(await page.evaluate(() => crossOriginIsolated));
    const stranger = "https://example.org/voice";
    const send = (url) => fetch(url, { method: "POST", mode: "no-cors", body: "voice" }).then(() => "sent", () => "held");
    assert.equal(await page.evaluate(send, stranger), "held");
    assert.equal(await page.workers()[0].evaluate(send, stranger), "held");
    const blocked = await page.evaluate(() => {
      const script = document.createElement("script");
      const tries = [() => (document.body.innerHTML += ""), () => (script.text = "window.broken = true"), () => new Worker("/www/worker.js")];
      return tries.filter((act) => {
        try {
          act();
          return false;
        } catch (error) {
          return error instanceof TypeError;
        }
      }).length;
    });
    assert.equal(blocked, 3);
    const image = await page.evaluate((url) => new Promise((resolve) => Object.assign(new Image(), { onload: () => resolve("sent"), onerror: () => resolve("held"), src: url })), stranger);
    assert.equal(image, "held");
    // These tries were meant.
    page.strangers = [];
    await page.evaluate(() => (window.seen.violations = []));
  }));
