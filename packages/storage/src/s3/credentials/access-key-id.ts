import { randomBytes } from "node:crypto";
import { shownAccessKeyId } from "../signature/client-signature.ts";

/** Names its project, so that a request needs nothing else to do so: `<ref>.<20 capitals and digits>`. SigV4 takes it apart at slashes. */
export const newAccessKeyId = (ref: string): string => `${ref}.${randomText("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 20)}`;

/** 40 characters, as S3's. */
export const newSecret = (): string => randomBytes(30).toString("base64url");

/** The project that a request's access key says it is of, unverified. With a session token the id is the ref itself. */
export function refOfAccessKey(request: Request, query: string): string | undefined {
  const id = shownAccessKeyId(request.headers.get("authorization"), query);
  return id?.split(".", 1)[0];
}

/** Of an alphabet whose length divides 256. */
const randomText = (alphabet: string, length: number): string => [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("");
