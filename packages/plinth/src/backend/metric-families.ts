import { type ClusterMetrics, type MetricFamily, type MetricSample, requestFamilies } from "@plinth/core";
import type { JobRunCounts } from "./count-job-runs.ts";
import type { MetricsSnapshot } from "./metrics-snapshot.ts";

/** Every figure, as Prometheus knows it. */
export function metricFamilies({ requests, tenants, embedded, connections, jobs }: MetricsSnapshot): readonly MetricFamily[] {
  return [
    ...requestFamilies(requests),
    { name: "plinth_tenants_open", help: "Projects that are open in this process.", type: "gauge", samples: [{ value: tenants.open }] },
    { name: "plinth_embedded_databases_open", help: "Embedded databases of projects that are open in this process.", type: "gauge", samples: [{ value: embedded.open }] },
    { name: "plinth_connections", help: "Connections to projects' databases.", type: "gauge", samples: connections.clusters.flatMap(connectionSamples) },
    ...CLUSTER_FIGURES.map(([name, type, help, value]): MetricFamily => ({ name, type, help, samples: connections.clusters.map((one) => ({ labels: { cluster: one.cluster }, value: value(one) })) })),
    { name: "plinth_jobs_running", help: "Jobs that this process runs.", type: "gauge", samples: jobs.map(({ name, running }) => ({ labels: { job: name }, value: running })) },
    { name: "plinth_job_runs_total", help: "Attempts of jobs that have ended in this process.", type: "counter", samples: jobs.flatMap(runSamples) },
  ];
}

type Figure = readonly [name: string, type: "counter" | "gauge", help: string, value: (cluster: ClusterMetrics) => number];

/** What is counted of each database server. */
const CLUSTER_FIGURES: readonly Figure[] = [
  ["plinth_connections_max", "gauge", "Connections that a database server may have.", ({ maxConnections }) => maxConnections],
  ["plinth_database_up", "gauge", "1; 0 while connecting to the database server fails.", ({ isDown }) => (isDown ? 0 : 1)],
  ["plinth_connection_requests_waiting", "gauge", "Requests that wait for a connection.", ({ waiting }) => waiting],
  ["plinth_connections_opened_total", "counter", "Connections that were opened.", ({ opens }) => opens],
  ["plinth_connections_closed_total", "counter", "Connections that were closed.", ({ closes }) => closes],
  ["plinth_connections_evicted_total", "counter", "Connections that were closed to make room for another project's.", ({ evictions }) => evictions],
  ["plinth_connection_failures_total", "counter", "Connections that could not be opened.", ({ failures }) => failures],
  ["plinth_connection_waits_total", "counter", "Requests that had to wait for a connection.", ({ waits }) => waits],
  ["plinth_connection_wait_seconds_total", "counter", "For how long they waited, all together.", ({ waitedMs }) => waitedMs / 1_000],
  ["plinth_connection_timeouts_total", "counter", "Requests that waited too long.", ({ timeouts }) => timeouts],
];

const connectionSamples = ({ cluster, idle, busy, opening }: ClusterMetrics): readonly MetricSample[] =>
  Object.entries({ idle, busy, opening }).map(([state, value]) => ({ labels: { cluster, state }, value }));

const runSamples = ({ name, succeeded, failed }: JobRunCounts): readonly MetricSample[] => Object.entries({ succeeded, failed }).map(([outcome, value]) => ({ labels: { job: name, outcome }, value }));
