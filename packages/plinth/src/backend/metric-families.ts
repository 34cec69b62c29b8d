import { type MetricFamily, requestFamilies } from "@plinth/core";
import type { MetricsSnapshot } from "./metrics-snapshot.ts";

/** Every figure, as Prometheus knows it. */
export function metricFamilies({ requests, tenants, embedded }: MetricsSnapshot): readonly MetricFamily[] {
  return [
    ...requestFamilies(requests),
    gauge("plinth_tenants_open", "Projects that are open in this process.", tenants.open),
    gauge("plinth_embedded_databases_open", "Embedded databases of projects that are open in this process.", embedded.open),
  ];
}

const gauge = (name: string, help: string, value: number): MetricFamily => ({ name, help, type: "gauge", samples: [{ value }] });
