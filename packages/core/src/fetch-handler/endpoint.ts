import { reply, type ReplyInit } from "../http/reply.ts";
import { splitUrl } from "./match-route.ts";

/** A path of the backend's own, which is no project's: answered without a key, and still while the backend closes. */
export interface Endpoint {
  /** The whole path, base path included. */
  readonly path: string;
  /** Must not throw. */
  answer(request: Request): Promise<EndpointAnswer> | EndpointAnswer;
}

export interface EndpointAnswer extends ReplyInit {
  readonly body: string;
}

/** The answer of the endpoint at the request's path; undefined where there is none. */
export async function answerEndpoint(endpoints: readonly Endpoint[], request: Request): Promise<Response | undefined> {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  const endpoint = endpointAt(endpoints, request.url);
  if (endpoint === undefined) return undefined;
  const { body, status = 200, headers = {} } = await endpoint.answer(request);
  const whole = { "content-length": String(Buffer.byteLength(body)), "cache-control": "no-store", ...headers };
  return reply(request.method === "HEAD" ? null : body, { status, headers: whole });
}

export const isEndpoint = (endpoints: readonly Endpoint[], url: string): boolean => endpointAt(endpoints, url) !== undefined;

function endpointAt(endpoints: readonly Endpoint[], url: string): Endpoint | undefined {
  const { path } = splitUrl(url);
  return endpoints.find((candidate) => candidate.path === path);
}
