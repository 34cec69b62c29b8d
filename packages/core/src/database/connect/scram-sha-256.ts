import { createHash, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const KEY_BYTES = 32;

const deriveKey = promisify(pbkdf2);

/** What a password comes to for one salt and number of rounds (RFC 5802, section 3): as good as the password itself. */
export interface ScramKeys {
  readonly clientKey: Buffer;
  readonly serverKey: Buffer;
}

/** What the server begins with: its part of the nonce after ours, and how its verifier was made. */
export interface ServerFirst {
  readonly nonce: string;
  /** Base64. */
  readonly salt: string;
  readonly iterations: number;
}

/** The client's last message, and what a server that knows the password answers it with. */
export interface ClientFinal {
  readonly message: string;
  readonly serverSignature: Buffer;
}

/** "n,,": no channel binding, and none that the client could have done. */
const GS2_HEADER = "n,,";

// PostgreSQL knows the user from the start-up packet.
const firstBare = (nonce: string): string => `n=*,r=${nonce}`;

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** @param nonce printable, without "," */
export const clientFirst = (nonce: string): string => GS2_HEADER + firstBare(nonce);

/** `r=nonce,s=salt,i=iterations`; extensions may follow. @returns undefined where it is anything else */
export function readServerFirst(message: string): ServerFirst | undefined {
  const [, nonce, salt, iterations] = /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9][0-9]*)(?:,.*)?$/.exec(message) ?? [];
  return nonce === undefined || salt === undefined ? undefined : { nonce, salt, iterations: Number(iterations) };
}

/** Off the event loop: thousands of rounds take about as long as the rest of connecting. */
export async function scramKeys(password: string, { salt, iterations }: ServerFirst): Promise<ScramKeys> {
  const salted = await deriveKey(password, Buffer.from(salt, "base64"), iterations, KEY_BYTES, "sha256");
  return { clientKey: hmac(salted, "Client Key"), serverKey: hmac(salted, "Server Key") };
}

/** @param clientNonce as in `clientFirst` */
export function clientFinal(clientNonce: string, serverFirst: string, { nonce }: ServerFirst, { clientKey, serverKey }: ScramKeys): ClientFinal {
  const withoutProof = `c=${Buffer.from(GS2_HEADER).toString("base64")},r=${nonce}`;
  const authMessage = `${firstBare(clientNonce)},${serverFirst},${withoutProof}`;
  const signature = hmac(createHash("sha256").update(clientKey).digest(), authMessage);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0)));
  return { message: `${withoutProof},p=${proof.toString("base64")}`, serverSignature: hmac(serverKey, authMessage) };
}

/** Whether the server has shown that it knows the password's verifier: `v=signature`, extensions may follow. */
export function isSigned(serverFinal: string, { serverSignature }: ClientFinal): boolean {
  const given = Buffer.from(/^v=([A-Za-z0-9+/=]+)(?:,|$)/.exec(serverFinal)?.[1] ?? "", "base64");
  return given.length === serverSignature.length && timingSafeEqual(given, serverSignature);
}
