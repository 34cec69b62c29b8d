import type { Exchange, Tenant, Tracing } from "@plinth/core";
import type { Attributes, Context, Span } from "@opentelemetry/api";
import { errorType } from "./error-type.ts";
import { traceTenant } from "./trace-tenant.ts";

export type OpenTelemetryApi = typeof import("@opentelemetry/api");

/** The host's OpenTelemetry; undefined where `@opentelemetry/api` isn't installed. */
export async function loadOpenTelemetry(): Promise<OpenTelemetryApi | undefined> {
  try {
    return await import("@opentelemetry/api");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

const TRACER = "plinth";

const HEADERS = { get: (headers: Headers, key: string) => headers.get(key) ?? undefined, keys: (headers: Headers) => [...headers.keys()] };

/**
 * Spans by OpenTelemetry's conventions: of HTTP servers
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span) and of database clients
 * (https://opentelemetry.io/docs/specs/semconv/db/database-spans/). No URL's query, header, body or SQL is in them.
 */
export function openTelemetryTracing(api: OpenTelemetryApi): Tracing {
  const { context, propagation, ProxyTracerProvider, trace, SpanKind } = api;
  const tracer = trace.getTracer(TRACER);
  const tenants = new WeakMap<Tenant, Tenant>();
  /** Whether the host has set up something that records spans. It may do so after this backend was made. */
  const isRecorded = (): boolean => {
    const provider = trace.getTracerProvider();
    return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(TRACER) !== undefined;
  };
  const within = <T>(span: Span, parent: Context, work: () => Promise<T>): Promise<T> => context.with(trace.setSpan(parent, span), work);

  const inTransaction = async <T>(tenant: Tenant, name: string, work: () => Promise<T>): Promise<T> => {
    if (!isRecorded()) return work();
    const parent = context.active();
    const attributes = { "db.system.name": "postgresql", "db.namespace": tenant.ref, "db.operation.name": name };
    const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
    try {
      return await within(span, parent, work);
    } catch (error) {
      fail(api, span, errorType(error));
      throw error;
    } finally {
      span.end();
    }
  };

  const request: Tracing["request"] = async (exchange, answer) => {
    if (!isRecorded()) return answer(undefined);
    const parent = propagation.extract(context.active(), exchange.request.headers, HEADERS);
    const span = tracer.startSpan(`${exchange.request.method} ${exchange.prefix}`, { kind: SpanKind.SERVER, attributes: requestAttributes(exchange) }, parent);
    try {
      const response = await within(span, parent, () => answer(span.isRecording() ? span.spanContext().traceId : undefined));
      if (span.isRecording()) finishRequest(api, span, exchange, response.status);
      return response;
    } finally {
      span.end();
    }
  };

  const tenant = (own: Tenant): Tenant => {
    let traced = tenants.get(own);
    if (traced === undefined) tenants.set(own, (traced = traceTenant(own, (name, work) => inTransaction(own, name, work))));
    return traced;
  };
  return { request, tenant };
}

function requestAttributes({ request, requestId, prefix, path }: Exchange): Attributes {
  const { protocol, hostname, port } = new URL(request.url);
  return {
    "http.request.method": request.method,
    "http.route": prefix,
    "url.scheme": protocol.slice(0, -1),
    "url.path": prefix + path,
    "server.address": hostname,
    ...(port === "" ? {} : { "server.port": Number(port) }),
    "plinth.request.id": requestId,
  };
}

/** An HTTP server's span is an error where the server failed, not where the client did. */
function finishRequest(api: OpenTelemetryApi, span: Span, exchange: Exchange, status: number): void {
  span.setAttributes({ "http.response.status_code": status, "plinth.operation": exchange.operation() });
  if (exchange.tenant !== undefined) span.setAttribute("plinth.project", exchange.tenant.ref);
  if (status >= 500) fail(api, span, String(status));
}

function fail({ SpanStatusCode }: OpenTelemetryApi, span: Span, type: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
