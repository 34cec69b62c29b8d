import { BackendError, CORE_ERRORS, isUnrouted, reply } from "@plinth/core";
import type { FetchHandler } from "@plinth/core";
import { LazyRequest } from "./lazy-request.ts";
import { isGone } from "./node-message.ts";
import type { NodeRequest, NodeResponse } from "./node-message.ts";
import { sendResponse } from "./send-response.ts";

/** How a host's framework takes part in a request. */
export interface HostHooks {
  /** The absolute URL that the handler is to see; called at most once. */
  readonly url: () => string;
  /** What `url` leaves out of the path of the incoming request's own: where the handler is mounted. Default: "". */
  readonly basePath?: string;
  /** Called instead of answering: without an error where nothing of the handler is mounted at the URL. */
  readonly next?: (error?: unknown) => void;
  /** Called right before the first byte of the response is written. */
  readonly beforeSend?: () => void;
  /** Called with what the handler rejected with, where that is nobody else's to hear, or with why its response could not be sent. */
  readonly onError: (error: unknown) => void;
}

/** Answers one Node request with a handler. Never rejects. For adapters; hosts use `toNodeHandler`. */
export async function handleNodeRequest(handler: FetchHandler | Promise<FetchHandler>, incoming: NodeRequest, outgoing: NodeResponse, hooks: HostHooks): Promise<void> {
  try {
    const request = new LazyRequest(incoming, outgoing, hooks.url, hooks.basePath) as unknown as Request;
    const response = await ("fetch" in handler ? handler : await handler).fetch(request);
    if (hooks.next !== undefined && isUnrouted(response)) return hooks.next();
    hooks.beforeSend?.();
    await sendResponse(response, incoming, outgoing);
  } catch (error) {
    fail(error, incoming, outgoing, hooks);
  }
}

function fail(error: unknown, incoming: NodeRequest, outgoing: NodeResponse, hooks: HostHooks): void {
  if (isGone(outgoing) && !outgoing.headersSent) return; // The client has gone; whatever failed did so because of it.
  if (outgoing.headersSent) {
    outgoing.destroy();
    hooks.onError(error);
  } else if (hooks.next !== undefined) {
    hooks.next(error);
  } else {
    const shown = error instanceof BackendError && error.status < 500 ? error : new BackendError(CORE_ERRORS.internal, { cause: error });
    if (shown !== error) hooks.onError(error);
    sendResponse(errorResponse(shown), incoming, outgoing).catch(hooks.onError);
  }
}

/** Handlers render their own errors; this is for what could not even reach one. */
function errorResponse({ code, message, details, hint, status }: BackendError): Response {
  return reply(JSON.stringify({ code, message, details, hint }), { status, headers: { "content-type": "application/json; charset=utf-8" } });
}
