import { request } from "node:http";
import type { Agent, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";

export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  readonly agent?: Agent;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly text: string;
}

export type Client = (url: string, sent?: Sent) => Promise<Received>;

/** node:http, which sends the path byte for byte and tells how the response was framed. */
export const viaHttp: Client = (url, sent = {}) =>
  new Promise((resolve, reject) => {
    const { origin } = new URL(url);
    // Node frames the bodies of some methods only; two framings at once would be one too many.
    const framing = sent.body === undefined || sent.headers?.["transfer-encoding"] !== undefined ? {} : { "content-length": Buffer.byteLength(sent.body) };
    const outgoing = request(origin, { path: url.slice(origin.length) || "/", method: sent.method ?? "GET", headers: { ...framing, ...sent.headers }, agent: sent.agent ?? false });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, rawHeaders: incoming.rawHeaders, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.end(sent.body);
  });

/** The runtime's own fetch. */
export const viaFetch: Client = async (url, sent = {}) => {
  const response = await fetch(url, { method: sent.method ?? "GET", headers: sent.headers as Record<string, string>, ...(sent.body !== undefined && { body: sent.body }) });
  return { status: response.status, headers: Object.fromEntries(response.headers), rawHeaders: [...response.headers].flat(), text: await response.text() };
};

export const CLIENTS: ReadonlyArray<readonly [name: string, client: Client]> = [["fetch", viaFetch], ["node:http", viaHttp]];

/** A connection that says exactly `text`, for requests that no client would send. */
export function rawSocket(url: string, text: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  socket.write(text);
  return socket;
}

/** All that comes back on a connection until it closes. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}

export function pathOf(url: string): string {
  return new URL(url).pathname.replace(/\/$/, "");
}
