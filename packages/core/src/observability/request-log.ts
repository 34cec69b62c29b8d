import type { RequestObserver } from "./finished-request.ts";
import type { Logger, LogLevel } from "./logger.ts";

/** A path may hold anything that a client sends; lines are to stay lines. */
const MAX_PATH = 200;

/**
 * One line for each request. Never in it: keys, tokens, bodies, headers, query strings.
 */
export function createRequestLog(logger: Logger, level: LogLevel): RequestObserver {
  return (finished) => {
    const { request, requestId, service, path, prefix, tenant, traceId, status, durationMs } = finished;
    logger[level](
      {
        requestId,
        project: tenant?.ref,
        service,
        operation: finished.operation(),
        method: request.method,
        path: (prefix + path).slice(0, MAX_PATH),
        status,
        durationMs: Math.round(durationMs * 100) / 100,
        ...(traceId === undefined ? {} : { traceId }),
      },
      "request",
    );
  };
}
