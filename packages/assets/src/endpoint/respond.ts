import { reply } from "@plinth/core";

export const json = (body: unknown, status = 200): Response => reply(JSON.stringify(body), { status, headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" } });
