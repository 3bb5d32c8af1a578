const { visit, reach, finalRanking } = await import("./browser.js");
await visit({ prepare: (page) => page.addInitScript(() => { window.shifts = []; new PerformanceObserver((l) => { for (const e of l.getEntries()) window.shifts.push([Math.round(e.startTime), e.hadRecentInput, e.value.toFixed(4), e.sources.map((s) => { const n = s.node?.nodeType === 1 ? s.node : s.node?.parentElement; return `${n?.tagName}#${n?.id}.${n?.className} ${[s.previousRect.x, s.previousRect.y, s.previousRect.width, s.previousRect.height].map(Math.round)}→${[s.currentRect.x, s.currentRect.y, s.currentRect.width, s.currentRect.height].map(Math.round)}`; }).slice(0, 4)]); }).observe({ type: "layout-shift", buffered: true }); }) }, async (page) => {
  await reach(page, "ready");
  await page.waitForTimeout(3000);
  for (let i = 0; i < 2; i++) {
    await page.setInputFiles("#file", "/work/main/www/examples/scuba-diver_6.ogg".replace("scuba-diver_6", i ? "bee-on-flower" : "scuba-diver_6")).catch(() => {});
    await page.waitForTimeout(200);
    await finalRanking(page);
    await page.waitForTimeout(2500);
    console.log(JSON.stringify(await page.evaluate(() => window.shifts.splice(0)), null, 1));
  }
});
process.exit(0);
