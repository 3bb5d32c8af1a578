// What measurements share: medians, the browser's long tasks, and where the code stood.
import { execFileSync } from "node:child_process";

/** @param {number[]} values */
export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** The commit that was measured. */
export const commit = () => execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();

/** Runs in the page before its own scripts: keeps tasks of more than 50 ms in `window.longTasks`. */
export function watchTasks() {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })))).observe({ type: "longtask", buffered: true });
}
