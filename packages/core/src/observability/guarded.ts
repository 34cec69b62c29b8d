import type { RequestObserver } from "./finished-request.ts";

/** `observer`, whose failures are nobody's request's business. */
export function guarded(observer: RequestObserver, onError: (error: unknown) => void): RequestObserver {
  return (finished) => {
    try {
      observer(finished);
    } catch (error) {
      onError(error);
    }
  };
}
