// Memory that is given back at once. Browsers see little of what an array's garbage holds, and wait long before they collect it.

/** @param {ArrayBufferLike} buffer that nobody needs any more */
export function letGo(buffer) {
  if (!(buffer instanceof ArrayBuffer)) return;
  // It moves to somebody who is not there. `transfer(0)` would leave it to Chromium's own end of it.
  const { port1, port2 } = new MessageChannel();
  port2.close();
  port1.postMessage(null, [buffer]);
  port1.close();
}
