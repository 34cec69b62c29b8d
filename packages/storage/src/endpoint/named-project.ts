import { refOfToken } from "../signed-urls/url-signer.ts";

/** The project that a signed address says it is of, so that it needs no key. Its signature is looked at by the endpoint. */
export function namedProject(_request: Request, _path: string, query: string): string | undefined {
  if (!query.includes("token=")) return undefined;
  const token = new URLSearchParams(query).get("token");
  return token === null ? undefined : refOfToken(token);
}
