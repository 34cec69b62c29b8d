import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { BackendError, isOutOfReach, type OutboundFetch } from "@plinth/core";
import { Webhook } from "standardwebhooks";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { HookOutput } from "./hook-output.ts";

/** Milliseconds, all tries together. */
const TIMEOUT = 5_000;
const TRIES = 3;
/** Milliseconds between tries, where the hook doesn't say. */
const BACKOFF = 250;
const MAX_OUTPUT_BYTES = 200 * 1024;

export interface PostHookOptions {
  /** `v1,whsec_<base64>`: each signs. */
  readonly secrets: readonly string[];
  readonly input: object;
  readonly signal: AbortSignal;
  readonly fetch: OutboundFetch;
}

/**
 * Asks an HTTPS endpoint. One that can't be reached, or asks to be tried again (429, 503 with Retry-After), is tried three
 * times in five seconds.
 * @throws BackendError hook_timeout, hook_timeout_after_retry, hook_payload_over_size_limit,
 * hook_payload_invalid_content_type, unexpected_failure
 */
export async function postHook(uri: string, { secrets, input, signal, fetch }: PostHookOptions): Promise<HookOutput> {
  const body = JSON.stringify(input);
  const limit = AbortSignal.timeout(TIMEOUT);
  const ending = AbortSignal.any([signal, limit]);
  try {
    for (let attempt = 1; ; attempt++) {
      const outcome = await tryOnce({ uri, body, secrets, signal: ending, fetch });
      if (!("again" in outcome)) return outcome.output;
      if (attempt === TRIES) throw outcome.again.error;
      await sleep(outcome.again.afterMs, undefined, { signal: ending });
    }
  } catch (error) {
    if (error instanceof BackendError || !limit.aborted) throw error;
    throw new AuthError(AUTH_ERRORS.hookTimeout, { message: `Failed to reach hook within maximum time of ${(TIMEOUT / 1_000).toFixed(6)} seconds`, cause: error });
  }
}

type Outcome = { readonly output: HookOutput } | { readonly again: { readonly afterMs: number; readonly error: AuthError } };

interface Attempt extends Omit<PostHookOptions, "input"> {
  readonly uri: string;
  readonly body: string;
}

async function tryOnce({ uri, body, secrets, signal, fetch }: Attempt): Promise<Outcome> {
  const headers = { "content-type": "application/json", ...signatures(body, secrets) };
  let response: Response;
  try {
    response = await fetch(uri, { method: "POST", body, headers, redirect: "manual", signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    if (isOutOfReach(cause)) throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "The hook's address is not on the public network (auth.outbound.allowPrivateAddresses)", cause });
    return { again: { afterMs: BACKOFF, error: new AuthError(AUTH_ERRORS.hookTimeoutAfterRetry, { cause }) } };
  }
  if (response.status === 204) return { output: {} };
  if (response.status === 200 || response.status === 202) return { output: await readOutput(response) };
  await response.body?.cancel();
  return refused(response);
}

/** By status, GoTrue's words: they are for the project's own developers. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: "Invalid payload sent to hook",
  401: "Hook requires authorization token",
  429: "Service currently unavailable due to hook",
  503: "Service currently unavailable due to hook",
};

function refused({ status, headers }: Response): Outcome {
  const error = new AuthError(AUTH_ERRORS.unexpectedFailure, { message: REFUSALS[status] ?? `Unexpected status code returned from hook: ${status}` });
  const retryAfter = headers.get("retry-after");
  if ((status !== 429 && status !== 503) || retryAfter === null) throw error;
  return { again: { afterMs: Number(retryAfter) >= 0 ? Number(retryAfter) * 1_000 : BACKOFF, error } };
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
function signatures(body: string, secrets: readonly string[]): Readonly<Record<string, string>> {
  if (secrets.length === 0) return {};
  const id = randomUUID();
  const at = new Date();
  try {
    const signed = secrets.map((secret) => new Webhook(secret.replace(/^v1,/, "")).sign(id, at, body));
    return { "webhook-id": id, "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)), "webhook-signature": signed.join(" ") };
  } catch (cause) {
    throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "Error generating signatures: a secret of the hook is not in the form v1,whsec_<base64>", cause });
  }
}

async function readOutput(response: Response): Promise<HookOutput> {
  const type = response.headers.get("content-type");
  const text = await readLimited(response);
  if (type === null) throw new AuthError(AUTH_ERRORS.hookPayloadInvalidContentType, { message: "Invalid Content-Type: Missing Content-Type header" });
  if (type.split(";")[0]?.trim().toLowerCase() !== "application/json") throw new AuthError(AUTH_ERRORS.hookPayloadInvalidContentType, { message: `Invalid JSON response. Received content-type: ${type}` });
  try {
    const output: unknown = JSON.parse(text);
    if (typeof output === "object" && output !== null && !Array.isArray(output)) return output as HookOutput;
  } catch {
    // Said below.
  }
  throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "Error unmarshaling JSON output." });
}

/** No more than the limit is ever held. */
async function readLimited({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > MAX_OUTPUT_BYTES) throw new AuthError(AUTH_ERRORS.hookPayloadOverSizeLimit, { message: `Payload size exceeded size limit of ${MAX_OUTPUT_BYTES} bytes` });
  }
  return Buffer.concat(chunks).toString("utf8");
}
