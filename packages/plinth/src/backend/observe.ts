import { createRequestLog, type Endpoint, type FetchHandlerOptions, guarded, healthEndpoints, metricsEndpoint, prometheusText, Readiness, RequestMetrics, type RequestObserver, type Tracing } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import { loadOpenTelemetry, openTelemetryTracing } from "../observability/open-telemetry.ts";
import type { Platform } from "./open-platform.ts";
import { metricFamilies } from "./metric-families.ts";
import type { BackendMetrics, MetricsSnapshot } from "./metrics-snapshot.ts";

/** What a backend tells of its work. */
export interface Observability {
  /** What the fetch handler needs for it. */
  readonly ofRequests: Pick<FetchHandlerOptions, "metrics" | "onFinished" | "tracing" | "endpoints">;
  readonly readiness: Readiness;
  readonly metrics: BackendMetrics;
}

/** Where the figures come from that aren't of requests. */
export interface ObservedParts {
  /** Rejects where the metadata can't be reached. Undefined where it is in this process. */
  readonly checkMetadata: (() => Promise<void>) | undefined;
  readonly isClosing: () => boolean;
  readonly figures: () => Omit<MetricsSnapshot, "requests">;
}

export function observe(config: BackendConfig, tracing: Tracing | undefined, parts: ObservedParts): Observability {
  const requests = new RequestMetrics({ projects: config.metrics.projects });
  const readiness = new Readiness({ check: parts.checkMetadata, isClosing: parts.isClosing });
  const snapshot = (): MetricsSnapshot => ({ requests: requests.snapshot(), ...parts.figures() });
  const metrics: BackendMetrics = Object.assign(snapshot, { prometheus: () => prometheusText(metricFamilies(snapshot())) });
  const ofRequests = { metrics: requests, onFinished: requestLog(config), tracing, endpoints: endpointsOf(config, readiness, metrics) };
  return { ofRequests, readiness, metrics };
}

function requestLog({ logger, logRequests, onError }: BackendConfig): RequestObserver | undefined {
  if (logger === undefined || logRequests === false) return undefined;
  return guarded(createRequestLog(logger, logRequests), onError);
}

/** Without the host's OpenTelemetry nothing is traced; where it can't be loaded, nothing is either, and the host is told. */
export async function loadTracing({ tracing, onError }: BackendConfig): Promise<Tracing | undefined> {
  if (!tracing) return undefined;
  try {
    const api = await loadOpenTelemetry();
    return api && openTelemetryTracing(api);
  } catch (error) {
    onError(error);
    return undefined;
  }
}

const METRICS_PATH = "/metrics";

function endpointsOf({ basePath, health, metrics }: BackendConfig, readiness: Readiness, { prometheus }: BackendMetrics): readonly Endpoint[] {
  const path = metrics.path ?? (metrics.token === undefined ? undefined : METRICS_PATH);
  return [
    ...(health === false ? [] : healthEndpoints(basePath + health.path, readiness)),
    ...(path === undefined ? [] : [metricsEndpoint({ path: basePath + path, token: metrics.token, text: prometheus })]),
  ];
}

/** Undefined where the metadata is in this process: asking it would only wake it. */
export function metadataCheck({ databaseUrl }: BackendConfig, { metadata }: Platform): ObservedParts["checkMetadata"] {
  if (!databaseUrl) return undefined;
  return async () => {
    await metadata.db.selectNoFrom(({ lit }) => lit(1).as("one")).execute();
  };
}
