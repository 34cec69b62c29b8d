import { createPrivateKey, createPublicKey, generateKeyPair, type JsonWebKey, type KeyObject, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { SigningAlgorithm } from "../../keys/verification-keys.ts";
import type { CreateSigningKeyOptions } from "./key-store.ts";

const generate = promisify(generateKeyPair);

interface KeyType {
  readonly make: () => Promise<{ readonly privateKey: KeyObject }>;
  readonly fits: (key: KeyObject) => boolean;
}

const RSA_BITS = 2048;

/** RFC 7518, sections 3.3 and 3.4; RFC 8037. */
const KEY_TYPES: Readonly<Record<SigningAlgorithm, KeyType>> = {
  ES256: { make: () => generate("ec", { namedCurve: "P-256" }), fits: (key) => key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1" },
  RS256: { make: () => generate("rsa", { modulusLength: RSA_BITS }), fits: (key) => key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS },
  EdDSA: { make: () => generate("ed25519"), fits: (key) => key.asymmetricKeyType === "ed25519" },
};

/** A key pair, both parts as JWKs. */
export interface MadeSigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateJwk: JsonWebKey;
  /** As GoTrue publishes its keys. */
  readonly publicJwk: Readonly<Record<string, unknown>>;
}

/** @throws BackendError PLINTH_CONFIG_INVALID for an algorithm that is none of these, or a key that is not for it */
export async function makeSigningKey({ algorithm, privateJwk }: CreateSigningKeyOptions): Promise<MadeSigningKey> {
  const chosen = algorithm ?? (privateJwk === undefined ? "ES256" : algorithmOf(privateJwk));
  if (!Object.hasOwn(KEY_TYPES, chosen)) throw invalid(`algorithm: must be one of ${Object.keys(KEY_TYPES).join(", ")}`);
  const key = privateJwk === undefined ? (await KEY_TYPES[chosen].make()).privateKey : importKey(privateJwk);
  if (!KEY_TYPES[chosen].fits(key)) throw invalid(`privateJwk: is no key for ${chosen}`);
  const kid = kidOf(privateJwk) ?? randomUUID();
  const publicJwk = { ...createPublicKey(key).export({ format: "jwk" }), kid, alg: chosen, use: "sig", key_ops: ["verify"], ext: true };
  return { kid, algorithm: chosen, privateJwk: key.export({ format: "jwk" }), publicJwk };
}

function algorithmOf(jwk: Readonly<Record<string, unknown>>): SigningAlgorithm {
  const key = importKey(jwk);
  const found = (Object.keys(KEY_TYPES) as SigningAlgorithm[]).find((algorithm) => KEY_TYPES[algorithm].fits(key));
  if (found === undefined) throw invalid(`privateJwk: is for none of ${Object.keys(KEY_TYPES).join(", ")}`);
  return found;
}

/** The message of node:crypto could show of the key what it was given. */
function importKey(jwk: Readonly<Record<string, unknown>>): KeyObject {
  try {
    return createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  } catch {
    throw invalid("privateJwk: is no private key in the form of a JWK");
  }
}

function kidOf(jwk: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const kid = jwk?.["kid"];
  if (kid === undefined) return undefined;
  if (typeof kid !== "string" || !/^[\x21-\x7e]{1,200}$/.test(kid)) throw invalid("privateJwk: its kid must be a text of 1 to 200 visible ASCII characters");
  return kid;
}

const invalid = (problem: string): BackendError => new BackendError(CORE_ERRORS.configInvalid, { message: `The options of the signing key are not valid: ${problem}.`, hint: null });
