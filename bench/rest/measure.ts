import autocannon from "autocannon";
import type { BenchRequest } from "./cases.ts";

export interface Measurement {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly errors: number;
}

export async function measure(url: string, requests: readonly BenchRequest[], connections: number, seconds: number): Promise<Measurement> {
  const base = new URL(url);
  const result = await autocannon({
    url: base.origin,
    connections,
    duration: seconds,
    requests: requests.map(({ method, path, headers, body }) => ({ method, path: base.pathname + path, headers, ...(body === undefined ? {} : { body }) })),
  });
  return { requestsPerSecond: result.requests.total / result.duration, p99: result.latency.p99, errors: result.errors + result.non2xx };
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
