import type { NodeRequest } from "./node-message.ts";
import { pathOf } from "./request-url.ts";

/** What Connect, Express and their like have taken off a request's URL: they keep the one that came in. */
export function hostsMountPath({ url = "/", originalUrl }: NodeRequest): string {
  if (originalUrl === undefined || originalUrl === url) return "";
  const whole = withoutQuery(pathOf(originalUrl)).replace(/\/$/, "");
  const rest = withoutQuery(pathOf(url)).replace(/\/$/, "");
  // Whatever else rewrites URLs doesn't say where the backend is mounted.
  return whole.endsWith(rest) ? whole.slice(0, whole.length - rest.length) : "";
}

const withoutQuery = (path: string): string => path.split("?", 1)[0]!;
