import { createHash, timingSafeEqual } from "node:crypto";
import type { Endpoint, EndpointAnswer } from "../fetch-handler/endpoint.ts";
import { bearerToken } from "../keys/bearer-token.ts";
import { PROMETHEUS_CONTENT_TYPE } from "./prometheus-text.ts";

export interface MetricsEndpointOptions {
  /** The whole path, base path included. */
  readonly path: string;
  /** What a scraper must send as Bearer token. Undefined: nothing, where nobody else can reach the path. */
  readonly token: string | undefined;
  /** In Prometheus' text form. */
  readonly text: () => string;
}

export function metricsEndpoint({ path, token, text }: MetricsEndpointOptions): Endpoint {
  return {
    path,
    answer: (request): EndpointAnswer => {
      if (token !== undefined && !isSame(bearerToken(request) ?? "", token)) return { status: 401, body: "", headers: { "www-authenticate": "Bearer" } };
      return { body: text(), headers: { "content-type": PROMETHEUS_CONTENT_TYPE } };
    },
  };
}

/** Takes as long whatever differs: hashes have one length. */
const isSame = (given: string, expected: string): boolean => timingSafeEqual(sha256(given), sha256(expected));

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();
