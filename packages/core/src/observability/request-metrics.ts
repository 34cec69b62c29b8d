import { CORE_ERRORS } from "../errors/errors.ts";
import type { FinishedRequest } from "./finished-request.ts";
import { Histogram, type HistogramSnapshot } from "./histogram.ts";

export interface RequestMetricsOptions {
  /** Projects that are counted one by one, the first that have requests; the others together, as "". Default: 0. */
  readonly projects?: number | undefined;
}

/** Requests of one service that were answered with a status of one class. */
export interface RequestSeries {
  readonly service: string;
  /** `2xx` to `5xx`. */
  readonly status: string;
  readonly duration: HistogramSnapshot;
}

export interface ProjectSeries {
  /** Ref; "" for all projects that aren't counted one by one. */
  readonly project: string;
  readonly status: string;
  readonly count: number;
}

export interface RequestMetricsSnapshot {
  readonly inFlight: number;
  readonly series: readonly RequestSeries[];
  /** Refused with PLINTH_RATE_LIMITED. */
  readonly rateLimited: number;
  /** Refused with PLINTH_TOO_BUSY. */
  readonly tooBusy: number;
  /** Empty unless projects are counted one by one. */
  readonly projects: readonly ProjectSeries[];
}

/** Index: first digit of the status. */
const CLASSES = ["", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

type ByClass<T> = Array<T | undefined>;

/** Counts requests, by nothing that a client could make up. */
export class RequestMetrics {
  readonly #maxProjects: number;
  readonly #durations = new Map<string, ByClass<Histogram>>();
  readonly #projects = new Map<string, ByClass<number>>();
  #inFlight = 0;
  #rateLimited = 0;
  #tooBusy = 0;

  constructor({ projects = 0 }: RequestMetricsOptions = {}) {
    this.#maxProjects = projects;
  }

  begin(): void {
    this.#inFlight++;
  }

  end({ service, status, durationMs, tenant }: FinishedRequest): void {
    this.#inFlight--;
    const statusClass = Math.trunc(status / 100);
    const durations = entryOf(this.#durations, service);
    (durations[statusClass] ??= new Histogram()).observe(durationMs / 1_000);
    if (this.#maxProjects > 0 && tenant !== undefined) this.#countProject(tenant.ref, statusClass);
  }

  refused(code: string): void {
    if (code === CORE_ERRORS.rateLimited.code) this.#rateLimited++;
    if (code === CORE_ERRORS.tooBusy.code) this.#tooBusy++;
  }

  snapshot(): RequestMetricsSnapshot {
    return {
      inFlight: this.#inFlight,
      series: pairs(this.#durations, (service, status, histogram) => ({ service, status, duration: histogram.snapshot() })),
      rateLimited: this.#rateLimited,
      tooBusy: this.#tooBusy,
      projects: pairs(this.#projects, (project, status, count) => ({ project, status, count })),
    };
  }

  #countProject(ref: string, statusClass: number): void {
    const known = this.#projects.has(ref) || this.#projects.size < this.#maxProjects;
    const counts = entryOf(this.#projects, known ? ref : "");
    counts[statusClass] = (counts[statusClass] ?? 0) + 1;
  }
}

function entryOf<T>(map: Map<string, ByClass<T>>, key: string): ByClass<T> {
  let entry = map.get(key);
  if (entry === undefined) map.set(key, (entry = []));
  return entry;
}

function pairs<T, R>(map: ReadonlyMap<string, ByClass<T>>, make: (key: string, status: string, value: T) => R): readonly R[] {
  return [...map].flatMap(([key, values]) => values.flatMap((value, statusClass) => (value === undefined ? [] : [make(key, CLASSES[statusClass] ?? "", value)])));
}
