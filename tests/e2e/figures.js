// What measurements share: medians, the browser's long tasks and memory, and where the code stood.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** @param {number[]} values */
export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** The commit that was measured. */
export const commit = () => execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();

/** Runs in the page before its own scripts: keeps tasks of more than 50 ms in `window.longTasks`. */
export function watchTasks() {
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })))).observe({ type: "longtask", buffered: true });
}

/** Bytes that each of the browser's renderers has to itself, the largest first: one of them is the page with its worker. */
export function renderers() {
  const of = (pid) => {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer")) return 0;
      return Number(/Private_Dirty:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  };
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid)).map(of).toSorted((a, b) => b - a);
}
