import type { FetchHandler } from "@plinth/core";

export interface Host {
  /** Where the handler is mounted, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server on a free loopback port, with `handler` below `mountPath` ("" or "/a/b"). */
export type StartHost = (handler: FetchHandler, mountPath: string) => Promise<Host>;

/** Where hosts that bring a server of their own differ, for reasons of that server. */
export interface HostTraits {
  /** Whether a string's length is sent rather than chunks. */
  readonly sendsLength: boolean;
  /** Whether a connection survives an answer that came before the end of the upload. */
  readonly keepsConnection: boolean;
  /** Whether the handler can tell where it is mounted. */
  readonly tellsMountPath: boolean;
}

export const ALL_TRAITS: HostTraits = { sendsLength: true, keepsConnection: true, tellsMountPath: true };

export type Answer = (request: Request) => Response | Promise<Response>;

export function handlerOf(answer: Answer): FetchHandler {
  return { fetch: async (request) => answer(request) };
}

/** Runs `use` against a host that answers with `answer`, and closes it whatever happens. */
export async function serving(start: StartHost, answer: Answer, use: (url: string) => Promise<void>, mountPath = ""): Promise<void> {
  const host = await start(handlerOf(answer), mountPath);
  try {
    await use(host.url);
  } finally {
    await host.close();
  }
}

export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

/** What `promise` rejects with; fails the test where it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("It should have rejected.");
}
