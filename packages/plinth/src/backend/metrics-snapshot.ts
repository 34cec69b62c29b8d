import type { RequestMetricsSnapshot } from "@plinth/core";

/** Figures of one backend in one process, since it was made. */
export interface MetricsSnapshot {
  readonly requests: RequestMetricsSnapshot;
  readonly tenants: {
    /** Projects that are open. */
    readonly open: number;
  };
  readonly embedded: {
    /** Projects' embedded databases that are open. */
    readonly open: number;
  };
}

/** `backend.metrics`: call it for the figures. */
export interface BackendMetrics {
  (): MetricsSnapshot;
  /** The same in Prometheus' text form (version 0.0.4). */
  prometheus(): string;
}
