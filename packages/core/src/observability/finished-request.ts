import type { Exchange } from "./exchange.ts";

/** A request that has been answered. */
export interface FinishedRequest extends Exchange {
  readonly status: number;
  /** From the request's arrival to its response's being ready to send. */
  readonly durationMs: number;
}

/** Hears of requests that have been answered. Must not throw. */
export type RequestObserver = (finished: FinishedRequest) => void;
