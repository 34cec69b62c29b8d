import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { ProjectLimits, RequestLimits } from "./project-limits.ts";
import { type Rate, TokenBucket } from "./token-bucket.ts";
import { type TurnLimits, Turns } from "./turns.ts";

const CONCURRENT = 100;
const WAITING = 1_000;
const WAIT_TIMEOUT_MS = 10_000;
/** Seconds' worth of requests that may come at once, where nothing is said of it. */
const BURST_SECONDS = 2;

/** Counts one project's requests, and refuses those that are too many. */
export class ProjectGate {
  #bucket: TokenBucket | undefined;
  readonly #turns: Turns;

  constructor(limits: RequestLimits) {
    const rate = rateOf(limits);
    this.#bucket = rate && new TokenBucket(rate);
    this.#turns = new Turns(turnsOf(limits));
  }

  /** The project's limits have become others; what is under way stays. */
  change(limits: RequestLimits): void {
    const rate = rateOf(limits);
    if (rate === undefined) this.#bucket = undefined;
    else if (this.#bucket === undefined) this.#bucket = new TokenBucket(rate);
    else this.#bucket.change(rate);
    this.#turns.change(turnsOf(limits));
  }

  /**
   * Lets a request in, maybe after a while; `leave` is to be called once then.
   * @param isCounted whether the request uses up a part of the rate
   * @throws BackendError PLINTH_RATE_LIMITED, PLINTH_TOO_BUSY, both with Retry-After; or the promise rejects with it
   */
  enter(signal: () => AbortSignal, isCounted: boolean): void | Promise<void> {
    if (isCounted && this.#bucket?.take() === false) throw rateLimited(this.#bucket);
    const entered = this.#turns.enter(signal);
    if (entered === true) return undefined;
    if (entered === false) throw tooBusy();
    return entered.then((begun) => {
      if (!begun) throw signal().aborted ? new BackendError(CORE_ERRORS.requestAborted) : tooBusy();
    });
  }

  leave(): void {
    this.#turns.leave();
  }

  /** What its answers say of the rate; undefined where there is no limit. */
  get rateHeaders(): Readonly<Record<string, string>> | undefined {
    return this.#bucket && rateHeaders(this.#bucket);
  }
}

/** A project's own limits go before those of all, limit by limit. */
export function mergeLimits(all: RequestLimits, { requestsPerSecond, burst, concurrentRequests, waitingRequests, waitTimeoutMs }: ProjectLimits): RequestLimits {
  return {
    requestsPerSecond: requestsPerSecond === undefined ? all.requestsPerSecond : requestsPerSecond,
    // A burst belongs to its rate.
    burst: burst ?? (requestsPerSecond === undefined ? all.burst : undefined),
    concurrentRequests: concurrentRequests === undefined ? all.concurrentRequests : concurrentRequests,
    waitingRequests: waitingRequests ?? all.waitingRequests,
    waitTimeoutMs: waitTimeoutMs ?? all.waitTimeoutMs,
  };
}

function rateOf({ requestsPerSecond, burst }: RequestLimits): Rate | undefined {
  if (requestsPerSecond === undefined || requestsPerSecond === null) return undefined;
  return { perSecond: requestsPerSecond, burst: burst ?? Math.max(1, Math.ceil(BURST_SECONDS * requestsPerSecond)) };
}

const turnsOf = ({ concurrentRequests = CONCURRENT, waitingRequests = WAITING, waitTimeoutMs = WAIT_TIMEOUT_MS }: RequestLimits): TurnLimits => ({
  concurrent: concurrentRequests ?? Infinity,
  waiting: waitingRequests,
  waitTimeoutMs,
});

/**
 * draft-ietf-httpapi-ratelimit-headers, 3 and 4: a quota of `burst` in the time that it takes to fill, and what is left
 * of it, with the seconds until it is whole again.
 */
function rateHeaders(bucket: TokenBucket): Readonly<Record<string, string>> {
  const { burst, perSecond } = bucket.rate;
  return {
    "RateLimit-Policy": `"project";q=${burst};w=${Math.max(1, Math.ceil(burst / perSecond))}`,
    RateLimit: `"project";r=${bucket.left};t=${Math.ceil(bucket.secondsUntil(burst))}`,
  };
}

function rateLimited(bucket: TokenBucket): BackendError {
  const seconds = Math.max(1, Math.ceil(bucket.secondsUntil(1)));
  return new BackendError(CORE_ERRORS.rateLimited, { headers: { "Retry-After": String(seconds) } });
}

const tooBusy = (): BackendError => new BackendError(CORE_ERRORS.tooBusy, { headers: { "Retry-After": "1" } });
