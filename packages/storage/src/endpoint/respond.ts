import { reply } from "@plinth/core";

export const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  reply(JSON.stringify(body), { status, headers: { "content-type": "application/json; charset=utf-8", ...headers } });

/** `{message}`, as upstream answers what gives nothing. */
export const message = (text: string): Response => json({ message: text });
