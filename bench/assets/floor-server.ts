import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

// What serving a file from disk costs with nothing around it: read whole, its type and length told. Nobody is asked which
// file it is, and there are no conditions. Takes a folder, prints its URL.
const folder = process.argv[2]!;

const server = createServer(async (request, response) => {
  try {
    const bytes = await readFile(path.join(folder, path.basename(request.url ?? "/none")));
    response.writeHead(200, { "content-type": "text/css; charset=utf-8", "content-length": bytes.length });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
