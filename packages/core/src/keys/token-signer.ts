import { createPrivateKey, type KeyObject } from "node:crypto";
import { CompactSign } from "jose";
import type { Claims } from "../tenant/scope.ts";
import type { HmacSecret } from "./hs256.ts";
import { signToken } from "./sign-token.ts";
import type { SigningAlgorithm } from "./verification-keys.ts";

/** What a project signs its tokens with: an asymmetric key, or its HS256 secret. */
export type CurrentSigningKey =
  | { readonly algorithm: SigningAlgorithm; readonly kid: string; /** Private, as a JWK. */ readonly jwk: Readonly<Record<string, unknown>> }
  | { readonly algorithm: "HS256"; readonly secret: HmacSecret };

/** Signs claims with a project's present key. Times in claims are whole seconds since 1970. */
export interface TokenSigner {
  (claims: Claims): Promise<string>;
  /** `alg` of what it makes: with HS256 nobody else can verify it. */
  readonly algorithm: CurrentSigningKey["algorithm"];
}

const text = new TextEncoder();

export function createTokenSigner(current: CurrentSigningKey): TokenSigner {
  if (current.algorithm === "HS256") return withAlgorithm("HS256", async (claims) => signToken(claims, current.secret));
  const { algorithm, kid, jwk } = current;
  let key: KeyObject | undefined;
  return withAlgorithm(algorithm, async (claims) => {
    key ??= createPrivateKey({ key: { ...jwk }, format: "jwk" });
    return await new CompactSign(text.encode(JSON.stringify(claims))).setProtectedHeader({ alg: algorithm, kid, typ: "JWT" }).sign(key);
  });
}

const withAlgorithm = (algorithm: CurrentSigningKey["algorithm"], sign: (claims: Claims) => Promise<string>): TokenSigner => Object.assign(sign, { algorithm });
