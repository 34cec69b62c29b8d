import { isOutOfReach, type OutboundFetch } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** Milliseconds. */
const TIMEOUT = 10_000;
const MAX_BYTES = 1_000_000;

/**
 * An identity provider's metadata as it publishes them, at that address itself: where it leads on to is not followed.
 * @throws BackendError saml_metadata_fetch_failed, validation_failed
 */
export async function fetchMetadata({ signal, auth: { outbound } }: Pick<AuthCall, "signal" | "auth">, url: string): Promise<string> {
  const response = await get(outbound.within(outbound.reach), url, signal);
  if (!response.ok) throw failed(url, `HTTP ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw failed(url, "too large");
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new AuthError(AUTH_ERRORS.validationFailed, { message: "SAML Metadata XML contains invalid UTF-8 characters, which are not supported at this time", cause });
  }
}

async function get(fetch: OutboundFetch, url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { redirect: "error", headers: { accept: "application/samlmetadata+xml, application/xml" }, signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]) });
  } catch (cause) {
    throw failed(url, isOutOfReach(cause) ? "it is not on the public network (auth.outbound.allowPrivateAddresses)" : "it can't be reached", cause);
  }
}

const failed = (url: string, why: string, cause?: unknown): AuthError => new AuthError(AUTH_ERRORS.samlMetadataFetchFailed, { message: `Error fetching SAML Metadata from URL '${url}': ${why}`, cause });
