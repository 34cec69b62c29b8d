import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { ClientSignature } from "./client-signature.ts";

export const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

export const EMPTY_SHA256: string = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** Signs and compares for one request: with the secret, for its day and region. */
export class SigningKey {
  readonly #key: Buffer;
  readonly #head: string;

  constructor(secret: string, { day, region, time }: Pick<ClientSignature, "day" | "region" | "time">) {
    this.#key = [region, "s3", "aws4_request"].reduce(hmac, hmac(`AWS4${secret}`, day));
    this.#head = `${time}\n${day}/${region}/s3/aws4_request`;
  }

  /** @param what `AWS4-HMAC-SHA256`, or `…-PAYLOAD` and `…-TRAILER` with the signature before @returns 64 hexadecimal digits */
  sign(what: string, ...lines: readonly string[]): string {
    return hmac(this.#key, [what, this.#head, ...lines].join("\n")).toString("hex");
  }
}

/** In a time that tells nothing of where they differ. */
export function isSameSignature(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
