import type { Tenant } from "@plinth/core";
import { decodeJwt, errors, jwtVerify, SignJWT } from "jose";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";

/** What may be done by a signed address. */
export type SignedScope = "download" | "upload";

/** What stands in its token. Names are upstream's. */
export interface SignedClaims {
  /** `<bucket>/<name>`: what it is for, and nothing else. */
  readonly url: string;
  /** For uploads: whom the object is to belong to. */
  readonly owner?: string | undefined;
  /** For uploads: whether an object that is there may be replaced. */
  readonly upsert?: boolean;
  /** For images: how they are to be changed, as `width:100,height:100`. */
  readonly transformations?: string;
  readonly format?: string;
}

const PURPOSE = "storage.signed-url";

/**
 * Signs addresses with a key of their own that is derived from the project's data key: they hold whatever becomes of the
 * project's tokens, are nobody's token, and are of no use at another project.
 */
export class UrlSigner {
  readonly #tenant: Pick<Tenant, "ref" | "secrets">;
  #key: Promise<Uint8Array> | undefined;

  constructor(tenant: Pick<Tenant, "ref" | "secrets">) {
    this.#tenant = tenant;
  }

  /** @param expiresIn seconds */
  async sign(scope: SignedScope, claims: SignedClaims, expiresIn: number): Promise<string> {
    const { ref } = this.#tenant;
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ ...claims, scope, ref }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).setIssuedAt(now).setExpirationTime(now + expiresIn).sign(await this.#secret());
  }

  /**
   * @param url what it has to be for
   * @param at when it has to have been in force. Default: now
   * @returns what was signed, with its end in seconds since 1970
   * @throws StorageError InvalidJWT, InvalidSignature
   */
  async verify(scope: SignedScope, token: string, url: string, at = new Date()): Promise<SignedClaims & { readonly exp: number }> {
    const payload = await this.#payload(token, at);
    if (payload["scope"] !== scope || payload["url"] !== url) throw new StorageError(STORAGE_ERRORS.invalidSignature);
    return payload as unknown as SignedClaims & { readonly exp: number };
  }

  async #payload(token: string, currentDate: Date): Promise<Readonly<Record<string, unknown>>> {
    try {
      return (await jwtVerify(token, await this.#secret(), { algorithms: ["HS256"], requiredClaims: ["exp"], currentDate })).payload;
    } catch (cause) {
      // The words are those of upstream's library, which clients show.
      if (cause instanceof errors.JOSEError) throw new StorageError(STORAGE_ERRORS.invalidJwt, { message: cause instanceof errors.JWTExpired ? '"exp" claim timestamp check failed' : cause.message, cause });
      throw cause;
    }
  }

  #secret(): Promise<Uint8Array> {
    this.#key ??= this.#tenant.secrets.digest("", PURPOSE).then((text) => Buffer.from(text, "base64url"));
    this.#key.catch(() => (this.#key = undefined));
    return this.#key;
  }
}

/** The project that a token names, unverified. */
export function refOfToken(token: string): string | undefined {
  try {
    const { ref } = decodeJwt(token);
    return typeof ref === "string" ? ref : undefined;
  } catch {
    return undefined;
  }
}
