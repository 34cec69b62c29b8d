import { createReadStream, createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { pipeline } from "node:stream/promises";

// What streaming files costs with nothing around it: POST writes one, GET reads it. Nobody is asked, nothing is hashed, and
// nothing waits for the disk. Takes a folder, prints its URL.
const folder = process.argv[2]!;

const server = createServer(async (request, response) => {
  const file = path.join(folder, path.basename(request.url ?? "/none"));
  try {
    if (request.method === "GET") return await pipeline(createReadStream(file), response);
    await pipeline(request, createWriteStream(file));
    response.end("{}");
  } catch {
    if (!response.headersSent) response.statusCode = 500;
    response.end();
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
