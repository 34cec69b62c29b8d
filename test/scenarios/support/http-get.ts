import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Asks this machine for what the URL's host names, as browsers do with names below localhost, which not every resolver knows. */
export function httpGet(url: string, headers: OutgoingHttpHeaders = {}, method = "GET"): Promise<HttpAnswer> {
  const { host, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path: pathname + search, method, headers: { ...headers, host } }, (answer) => {
      answer.toArray().then((chunks) => resolve({ status: answer.statusCode!, headers: answer.headers, text: Buffer.concat(chunks as Buffer[]).toString() }), reject);
    });
    asked.on("error", reject).end();
  });
}
