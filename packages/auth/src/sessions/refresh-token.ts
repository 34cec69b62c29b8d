import { timingSafeEqual } from "node:crypto";
import type { TenantSecrets } from "@plinth/core";

/**
 * What a refresh token says: it is the counter-th of its session. It carries its own proof (a MAC under the project's
 * data key), so that none is stored, made-up ones cost no query, and a session's present token can be given again.
 */
export interface RefreshToken {
  readonly sessionId: string;
  /** 0 for the first one. */
  readonly counter: number;
}

/**
 * By how much a session's counter leaps when a second factor raises it. No token that is so far behind is honoured, by
 * whatever exception for reuse: those of before the leap have not shown the factor.
 */
export const COUNTER_LEAP = 1_000;

const VERSION = 1;
const BODY_BYTES = 1 + 16 + 4;
const MAC_BYTES = 16;
const PURPOSE = "auth.refresh-token";

/** 50 characters of base64url. */
export async function encodeRefreshToken(secrets: TenantSecrets, { sessionId, counter }: RefreshToken): Promise<string> {
  const body = Buffer.alloc(BODY_BYTES);
  body[0] = VERSION;
  body.write(sessionId.replaceAll("-", ""), 1, "hex");
  body.writeUInt32BE(counter, 17);
  return Buffer.concat([body, await macOf(secrets, body)]).toString("base64url");
}

/** @returns undefined for whatever this project has not made */
export async function decodeRefreshToken(secrets: TenantSecrets, token: string): Promise<RefreshToken | undefined> {
  if (!/^[A-Za-z0-9_-]{50}$/.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  const body = bytes.subarray(0, BODY_BYTES);
  if (body[0] !== VERSION) return undefined;
  if (!timingSafeEqual(bytes.subarray(BODY_BYTES), await macOf(secrets, body))) return undefined;
  const hex = body.subarray(1, 17).toString("hex");
  const sessionId = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  return { sessionId, counter: body.readUInt32BE(17) };
}

async function macOf(secrets: TenantSecrets, body: Buffer): Promise<Buffer> {
  return Buffer.from(await secrets.digest(body.toString("base64url"), PURPOSE), "base64url").subarray(0, MAC_BYTES);
}
