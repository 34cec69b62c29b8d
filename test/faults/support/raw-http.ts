import { once } from "node:events";
import net from "node:net";

/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  /** By lower-case name; the last of several. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawRequest {
  /** e.g. `GET /rest/v1/todos`. */
  readonly line: string;
  /** Sent as they are, in latin1; `Host` and `Connection: close` go before them. */
  readonly headers?: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body?: string | Uint8Array;
}

/** Sends what no HTTP client would, and reads the answer until the server hangs up. @throws where there is no whole answer */
export async function rawRequest(url: string, { line, headers = [], body = "" }: RawRequest): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.on("error", () => undefined);
  const head = [`${line} HTTP/1.1`, `Host: ${hostname}:${port}`, "Connection: close", ...headers.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
  socket.write(Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body as string)]));
  const timeout = setTimeout(() => socket.destroy(), 10_000);
  await once(socket, "close");
  clearTimeout(timeout);
  return parse(Buffer.concat(chunks).toString("utf8"));
}

function parse(text: string): RawResponse {
  const [head, ...rest] = text.split("\r\n\r\n");
  const [first = "", ...lines] = (head ?? "").split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? Number.NaN);
  if (Number.isNaN(status)) throw new Error(`no answer, but: ${JSON.stringify(text.slice(0, 200))}`);
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  return { status, headers, body: rest.join("\r\n\r\n") };
}
