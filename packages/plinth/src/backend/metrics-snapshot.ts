import type { RequestMetricsSnapshot, RoutingMetrics } from "@plinth/core";
import type { JobRunCounts } from "./count-job-runs.ts";

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
  /** Connections to projects' databases. */
  readonly connections: RoutingMetrics;
  /** By kind, of those that this process knows. */
  readonly jobs: readonly JobRunCounts[];
}

/** `backend.metrics`: call it for the figures. */
export interface BackendMetrics {
  (): MetricsSnapshot;
  /** The same in Prometheus' text form (version 0.0.4). */
  prometheus(): string;
}
