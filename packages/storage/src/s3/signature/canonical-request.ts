import { mountPathOf } from "@plinth/core";
import { decodePercent, encodePath, encodePercent } from "../percent-encoding.ts";
import type { S3Query } from "../s3-query.ts";
import type { ClientSignature } from "./client-signature.ts";

/** What a request may have been signed as. Proxies change paths and hosts on its way, and clients escape differently. */
export function canonicalRequests(request: Request, query: S3Query, signature: ClientSignature, payload: string): string[] {
  const tail = (host: string): string => [canonicalQuery(query), canonicalHeaders(request.headers, signature.signedHeaders, host), signature.signedHeaders.join(";"), payload].join("\n");
  const tails = hostsOf(request).map(tail);
  return pathsOf(request).flatMap((path) => tails.map((rest) => `${request.method}\n${path}\n${rest}`));
}

function canonicalQuery(query: S3Query): string {
  const pairs = query.pairs.filter(([name]) => name !== "X-Amz-Signature").map((pair) => pair.map(encodePercent).join("="));
  // By names first: "=" sorts after "-" and the digits.
  const key = (pair: string): string => pair.replace("=", "\0");
  return pairs.sort((one, other) => (key(one) < key(other) ? -1 : 1)).join("&");
}

const canonicalHeaders = (headers: Headers, names: readonly string[], host: string): string =>
  names.map((name) => `${name}:${(name === "host" ? host : (headers.get(name) ?? "")).trim().replace(/ +/g, " ")}\n`).join("");

/**
 * The path as the client has it, as sent and escaped anew. Below a proxy that takes some of it off, X-Forwarded-Prefix says
 * what. It must not be long enough to make one object's path out of another's, whose name ends with that path.
 */
function pathsOf(request: Request): string[] {
  const sent = mountPathOf(request) + pathOf(request.url);
  const prefix = (request.headers.get("x-forwarded-prefix") ?? "").replace(/\/+$/, "");
  const isPrefix = /^(?:\/[\w.~-]+)+$/.test(prefix) && !`${prefix}/`.includes("/s3/");
  const paths = isPrefix ? [sent, prefix + sent] : [sent];
  return [...new Set(paths.flatMap((path) => [encodePath(path.split("/").map(decodePercent).join("/")), path]))];
}

/** Of an absolute URL, without normalising it. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const path = start < 0 ? "/" : url.slice(start);
  return path.slice(0, /[?#]|$/.exec(path)!.index) || "/";
}

/** The host that was asked for: as sent, as it is known to be, and as a proxy says. It decides nothing but whether the signature holds. */
function hostsOf({ headers, url }: Request): string[] {
  const forwarded = headers.get("x-forwarded-host")?.split(",")[0]?.trim();
  const port = headers.get("x-forwarded-port");
  const withPort = forwarded !== undefined && port !== null && /^\d+$/.test(port) ? `${forwarded.replace(/:\d+$/, "")}:${port}` : undefined;
  return [...new Set([headers.get("host") ?? undefined, new URL(url).host, forwarded, withPort].filter((host) => host !== undefined))];
}
