import { lightParts, withHeader } from "@plinth/core";

/** What clients in pages need of an answer beside what pages may always read: S3's, which complete uploads by ETags, and whoever asks with conditions or ranges. */
const READ = /^(?:etag|accept-ranges|content-disposition|x-amz-.+)$/i;

/** Lets pages of other origins, where they may call at all, read these headers of an answer (https://fetch.spec.whatwg.org/#http-access-control-expose-headers). */
export function exposeHeaders({ headers }: Pick<Request, "headers">, response: Response): Response {
  if (!headers.has("origin")) return response;
  const names = Object.keys(lightParts(response)?.headers ?? Object.fromEntries(response.headers)).filter((name) => READ.test(name));
  return names.length === 0 ? response : withHeader(response, "Access-Control-Expose-Headers", names.join(", "));
}
