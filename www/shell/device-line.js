// The line that says what answers: the device, why it was chosen, and which network.
import { find } from "../kit/element.js";
import { texts } from "../texts.js";

/** @import { Ranking } from "../types.d.ts" */
/** @import { Running } from "./running.js" */

const line = find("device");

/** @param {Running} running @param {Ranking} [ranking] whose time is told */
export function showDevice({ device, taught, isWhole, arriving }, ranking) {
  if (!device) return;
  document.body.dataset.device = device.kind;
  document.body.dataset.network = isWhole ? "whole" : "student";
  line.textContent = texts.device(device.name, ranking?.milliseconds);
  const { why, measured } = device;
  if (measured) line.append(` ${texts.devicesMeasured(measured.gpu, measured.cpu)}`);
  else if (why === "software" || why === "differs" || why === "late") line.append(` ${texts.devicesTried[why]}`);
  if (taught) line.append(` ${texts.teach.inUse(taught)}`);
  if (!isWhole) line.append(` ${texts.student(arriving.loaded, arriving.total)}`);
}
