import type { OutboundFetch } from "@plinth/core";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { providerAddress } from "./addresses.ts";

/** Milliseconds that one request to a provider may take: GoTrue's. */
const TIMEOUT = 10_000;
/** Bytes that one answer may have. */
const MAX_ANSWER = 1_048_576;

export interface ProviderRequest {
  readonly method?: string | undefined;
  readonly headers?: Headers | Readonly<Record<string, string>> | undefined;
  readonly body?: URLSearchParams | string | null | undefined;
}

/**
 * Sends a request to a provider: within time-outs, to an address that was configured or discovered, following no redirect.
 * @throws BackendError unexpected_failure where the address may not be asked, or nothing answers within the limits
 */
export async function sendRequest(fetch: OutboundFetch, address: string, { method = "GET", headers, body }: ProviderRequest = {}, signal?: AbortSignal): Promise<Response> {
  const url = providerAddress(address);
  if (url === undefined) throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "The provider's address is not an https: one" });
  const signals = [AbortSignal.timeout(TIMEOUT), ...(signal ? [signal] : [])];
  try {
    const response = await fetch(url, { method, redirect: "manual", signal: AbortSignal.any(signals), ...(headers ? { headers: new Headers(headers) } : {}), ...(body === undefined || body === null ? {} : { body }) });
    return new Response(await readLimited(response), { status: response.status, headers: response.headers });
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

/** Internals of the provider's network are for the log (the cause), not for whoever signs in. */
export const unreachable = ({ origin }: URL, cause: unknown): AuthError =>
  new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "The provider could not be asked", cause: new Error(`${origin}: ${(cause as Error).message}`, { cause }) });

async function readLimited(response: Response): Promise<Uint8Array<ArrayBuffer> | null> {
  // A Response of these can't be made with a body.
  if (response.body === null || response.status === 204 || response.status === 304) return null;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > MAX_ANSWER) throw new Error(`The answer is longer than ${MAX_ANSWER} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
