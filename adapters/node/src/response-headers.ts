import type { ReplyHeaders } from "@plinth/core";
import type { NodeResponse } from "./node-message.ts";

/** Headers that host and backend both have a part in; of others the backend's replaces the host's. */
const SHARED = ["set-cookie", "vary"] as const;

/** A copy of `headers` to which what the host's middleware has already set is added. */
export function mergeWithHost(headers: Readonly<ReplyHeaders>, outgoing: NodeResponse): ReplyHeaders {
  const merged: ReplyHeaders = { ...headers };
  for (const name of SHARED) {
    const own = outgoing.hasHeader(name) ? keyOf(merged, name) : undefined;
    if (own !== undefined) merged[own] = [...listOf(outgoing.getHeader(name)), ...listOf(merged[own])];
  }
  return merged;
}

function keyOf(headers: ReplyHeaders, name: string): string | undefined {
  return Object.keys(headers).find((key) => key.toLowerCase() === name);
}

function listOf(value: string | number | readonly string[] | undefined): string[] {
  return value === undefined ? [] : typeof value === "object" ? [...value] : [String(value)];
}

const CONNECTION_HEADERS = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

/** HTTP/2 knows no headers about the connection, and refuses them (RFC 9113, 8.2.2). */
export function withoutConnectionHeaders(headers: Readonly<ReplyHeaders>): ReplyHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name.toLowerCase())));
}
