// The page as other hosts give it: in several folders, without a last slash, without headers, in a frame.
import { createServer } from "node:http";
import { BASE_URL } from "./browser.js";

/**
 * Answers what lies under a folder with what BASE_URL has; other paths with what `pages` says.
 * @param {object} options
 * @param {string[]} [options.folders] each with slashes
 * @param {Record<string, string>} [options.pages] html by path
 * @param {boolean} [options.slashless] a folder without its last slash gets index.html too, without being sent elsewhere
 * @param {(address: string) => Promise<void>} story
 */
export async function mirror({ folders = ["/"], pages = {}, slashless = false }, story) {
  const answer = async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pages[pathname] !== undefined) return response.writeHead(200, { "content-type": "text/html" }).end(pages[pathname]);
    const folder = folders.find((folder) => pathname.startsWith(folder) || (slashless && `${pathname}/` === folder));
    if (folder === undefined) return response.writeHead(404).end("nothing");
    const given = await fetch(new URL(pathname.slice(folder.length), BASE_URL));
    response.writeHead(given.status, { "content-type": given.headers.get("content-type") ?? "text/plain" }).end(Buffer.from(await given.arrayBuffer()));
  };
  const server = createServer((request, response) => answer(request, response).catch(() => response.destroy()));
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  try {
    await story(`http://localhost:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
