import { refOfAccessKey } from "../s3/credentials/access-key-id.ts";
import { isS3Path } from "../s3/s3-path.ts";
import { refOfToken } from "../signed-urls/url-signer.ts";

/** The project that a signed address or upload says it is of, so that it needs no key. Its signature is looked at by the endpoint. */
export function namedProject(request: Request, path: string, query: string): string | undefined {
  if (isS3Path(path)) return refOfAccessKey(request, query);
  const signature = path.startsWith("/upload/resumable/sign") ? request.headers.get("x-signature") : null;
  if (signature !== null) return refOfToken(signature);
  if (!query.includes("token=")) return undefined;
  const token = new URLSearchParams(query).get("token");
  return token === null ? undefined : refOfToken(token);
}
