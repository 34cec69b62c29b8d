import { createPrivateKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";

const NAME = "saml";
const PURPOSE = "auth.key";
const BITS = 2_048;

/**
 * The key that requests are signed with, and assertions decrypted: the project's own by its settings, else one that is
 * made at first use and kept sealed. PKCS#8 in PEM.
 *
 * @throws BackendError unexpected_failure where the setting is no RSA key of 2048 bits or more
 */
export async function serviceProviderKey(call: AuthCall): Promise<string> {
  const { privateKey } = call.config.saml;
  if (privateKey !== undefined) return pemOf(configuredKey(privateKey));
  const found = await keptKey(call);
  if (found !== undefined) return call.tenant.secrets.open(found, PURPOSE);
  const made = pemOf((await promisify(generateKeyPair)("rsa", { modulusLength: BITS })).privateKey);
  const sealed = await call.tenant.secrets.seal(made, PURPOSE);
  // Whichever of two that make one is there first has made it for both.
  await call.db((db) => db.insertInto("auth.sealed_keys").values({ name: NAME, sealed }).onConflict((conflict) => conflict.column("name").doNothing()).execute());
  return call.tenant.secrets.open((await keptKey(call)) ?? sealed, PURPOSE);
}

async function keptKey({ db }: AuthCall): Promise<string | undefined> {
  const row = await db((transaction) => transaction.selectFrom("auth.sealed_keys").select("sealed").where("name", "=", NAME).executeTakeFirst());
  return row?.sealed;
}

function configuredKey(text: string): KeyObject {
  try {
    const key = text.includes("-----BEGIN") ? createPrivateKey(text) : createPrivateKey({ key: Buffer.from(text, "base64"), format: "der", type: "pkcs1" });
    if (key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= BITS) return key;
  } catch {
    // Said below, without any of the key.
  }
  throw new AuthError(AUTH_ERRORS.unexpectedFailure, { message: "settings.auth.saml.privateKey is no RSA key of 2048 bits or more, neither PKCS#8 in PEM nor PKCS#1 in base64" });
}

const pemOf = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }) as string;
