import { createServer, type IncomingHttpHeaders } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface HeardRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface LoopbackAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | object;
}

export interface Loopback {
  readonly url: string;
  /** What it was asked since `answer` was last called. */
  readonly heard: readonly HeardRequest[];
  /** How it answers from now on; "never": not at all. */
  answer(next: LoopbackAnswer | "never" | ((request: HeardRequest) => LoopbackAnswer)): void;
  close(): Promise<void>;
}

/** A server on this machine that answers as it is told. */
export async function openLoopback(): Promise<Loopback> {
  const heard: HeardRequest[] = [];
  let answer: Parameters<Loopback["answer"]>[0] = {};
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const one: HeardRequest = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString("utf8") };
      heard.push(one);
      if (answer === "never") return;
      const { status = 200, headers = {}, body = "" } = typeof answer === "function" ? answer(one) : answer;
      const isJson = typeof body === "object";
      response.writeHead(status, { ...(isJson ? { "content-type": "application/json" } : {}), ...headers }).end(isJson ? JSON.stringify(body) : body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    answer: (next) => {
      answer = next;
      heard.length = 0;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
