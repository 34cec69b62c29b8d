import { type MetricFamily, type MetricSample, numberText } from "./prometheus-text.ts";
import type { RequestMetricsSnapshot, RequestSeries } from "./request-metrics.ts";

/** The metrics of requests, as Prometheus knows them. */
export function requestFamilies({ inFlight, series, rateLimited, tooBusy, projects }: RequestMetricsSnapshot): readonly MetricFamily[] {
  return [
    { name: "plinth_requests_in_flight", help: "Requests being answered.", type: "gauge", samples: [{ value: inFlight }] },
    { name: "plinth_request_duration_seconds", help: "From a request's arrival to its response's being ready to send.", type: "histogram", samples: series.flatMap(histogramSamples) },
    { name: "plinth_requests_rate_limited_total", help: "Requests refused because their project had too many (429).", type: "counter", samples: [{ value: rateLimited }] },
    { name: "plinth_requests_too_busy_total", help: "Requests refused because too many were waiting (503).", type: "counter", samples: [{ value: tooBusy }] },
    {
      name: "plinth_project_requests_total",
      help: "Requests by project; those of projects that are not counted one by one have no ref.",
      type: "counter",
      samples: projects.map(({ project, status, count }) => ({ labels: { project, status }, value: count })),
    },
  ];
}

function histogramSamples({ service, status, duration }: RequestSeries): readonly MetricSample[] {
  const labels = { service, status };
  return [
    ...duration.buckets.map(({ le, count }) => ({ suffix: "_bucket", labels: { ...labels, le: numberText(le) }, value: count })),
    { suffix: "_sum", labels, value: duration.sum },
    { suffix: "_count", labels, value: duration.count },
  ];
}
