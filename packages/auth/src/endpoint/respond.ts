import { reply } from "@plinth/core";

/** A JSON body. Nothing that Auth says is for caches. */
export const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  reply(JSON.stringify(body), { status, headers: { "content-type": "application/json", "cache-control": "no-store", ...headers } });

export const noContent = (): Response => reply(null, { status: 204 });

/** @param location where to: must have been checked (`redirects/`) */
export const redirect = (location: string, status: 302 | 303 = 303): Response => reply(null, { status, headers: { location, "cache-control": "no-store" } });

/** A page of ours: nothing in it but what is written here. Forms may lead on to an app (`com.example.app://`), which no `form-action` allows. */
export const html = (body: string, status = 200): Response =>
  reply(body, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
