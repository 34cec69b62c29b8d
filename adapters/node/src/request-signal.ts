import { isGone, isSent } from "./node-message.ts";
import type { NodeResponse } from "./node-message.ts";

/** Aborts when the client goes away before the response has been handed to the system in full. */
export function clientSignal(response: NodeResponse): AbortSignal {
  const controller = new AbortController();
  const onClose = (): void => {
    if (!isSent(response)) controller.abort(new DOMException("The client went away.", "AbortError"));
  };
  if (isGone(response) || response.socket?.destroyed === true) onClose();
  else response.once("close", onClose);
  return controller.signal;
}
