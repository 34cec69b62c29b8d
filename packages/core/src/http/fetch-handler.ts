/** What adapters mount: a backend, or anything else that answers web-standard requests. */
export interface FetchHandler {
  fetch(request: Request): Promise<Response>;
}

/**
 * A handler, the promise of one, or a function that makes one. The function runs at the first
 * request: use it where importing a module must not start a backend, as under `next build`.
 */
export type FetchHandlerSource = FetchHandler | Promise<FetchHandler> | (() => FetchHandler | Promise<FetchHandler>);

/**
 * A getter of the handler that is synchronous as soon as it can be. Requests that arrive together
 * start it once; one that follows a failed start tries again, where the source is a function.
 */
export function lazyHandler(source: FetchHandlerSource): () => FetchHandler | Promise<FetchHandler> {
  let ready = isHandler(source) ? source : undefined;
  let starting: Promise<FetchHandler> | undefined;
  const start = (): Promise<FetchHandler> =>
    Promise.resolve(typeof source === "function" ? startWith(source) : source)
      .then((handler) => (ready = handler))
      .finally(() => (starting = undefined));
  return () => ready ?? (starting ??= start());
}

/** Async, so that a source that throws becomes a promise that rejects. */
async function startWith(source: () => FetchHandler | Promise<FetchHandler>): Promise<FetchHandler> {
  return source();
}

function isHandler(source: FetchHandlerSource): source is FetchHandler {
  return "fetch" in source;
}
