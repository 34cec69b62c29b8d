import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server does wrong, by "METHOD what": `what` is the query's first name, or "object". Undefined: nothing. */
export type Fault = (answer: ServerResponse, body: Buffer) => void;

export interface FaultyS3 {
  readonly endpoint: string;
  /** "PUT object", "POST uploads", … in the order they came. */
  readonly requests: string[];
  readonly kept: Map<string, Buffer>;
  readonly faults: Map<string, Fault[]>;
  close(): Promise<void>;
}

const md5 = (bytes: Uint8Array): string => `"${createHash("md5").update(bytes).digest("hex")}"`;

const xml = (answer: ServerResponse, status: number, text: string): void => void answer.writeHead(status, { "content-type": "application/xml" }).end(text);

export const fails = (status: number, code: string): Fault => (answer) => xml(answer, status, `<Error><Code>${code}</Code><Message>told to</Message></Error>`);

type Handler = (state: FaultyS3, key: string, body: Buffer, answer: ServerResponse) => void;

/** Enough of S3 to put, get and delete an object, and to upload it in parts. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  "PUT object": ({ kept }, key, body, answer) => {
    kept.set(key, body);
    answer.writeHead(200, { etag: md5(body) }).end();
  },
  "GET object": ({ kept }, key, _body, answer) => {
    const bytes = kept.get(key);
    if (bytes === undefined) return fails(404, "NoSuchKey")(answer, _body);
    answer.writeHead(200, { etag: md5(bytes), "content-length": bytes.length }).end(bytes);
  },
  "DELETE object": ({ kept }, key, _body, answer) => {
    kept.delete(key);
    answer.writeHead(204).end();
  },
  "POST uploads": (_state, _key, _body, answer) => xml(answer, 200, "<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>"),
  "PUT partNumber": (_state, _key, body, answer) => void answer.writeHead(200, { etag: md5(body) }).end(),
  "DELETE uploadId": (_state, _key, _body, answer) => void answer.writeHead(204).end(),
  "POST uploadId": ({ kept }, key, _body, answer) => {
    kept.set(key, Buffer.from("joined"));
    xml(answer, 200, "<CompleteMultipartUploadResult><ETag>\"00000000000000000000000000000000-2\"</ETag></CompleteMultipartUploadResult>");
  },
};

const NAMES = ["uploads", "partNumber", "uploadId"];

export async function startFaultyS3(): Promise<FaultyS3> {
  const server = createServer((request, answer) => void respond(state, request, answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const state: FaultyS3 = { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: [], kept: new Map(), faults: new Map(), close };
  return state;
}

async function respond(state: FaultyS3, request: IncomingMessage, answer: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray().catch(() => []));
  const url = new URL(request.url ?? "/", "http://s3");
  const name = `${request.method} ${NAMES.find((each) => url.searchParams.has(each)) ?? "object"}`;
  state.requests.push(name);
  const fault = state.faults.get(name)?.shift();
  if (fault !== undefined) fault(answer, body);
  else HANDLERS[name]?.(state, url.pathname, body, answer);
}
