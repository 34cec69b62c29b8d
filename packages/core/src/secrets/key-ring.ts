import { createHash } from "node:crypto";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { decrypt, encrypt } from "./aes-256-gcm.ts";
import { formatEnvelope, parseEnvelope } from "./envelope.ts";
import { deriveKey } from "./master-key.ts";

/** What a secret belongs to. It is authenticated with the ciphertext, so that one can't be put in another's place. */
export interface SecretContext {
  /** The project's ref. */
  readonly ref: string;
  /** Which secret of the project's: "credentials", "jwt-secret", … */
  readonly purpose: string;
}

/** Encrypts with the current master key; decrypts with whichever key of the ring the text names. */
export interface KeyRing {
  readonly currentKeyId: string;
  readonly keyIds: ReadonlySet<string>;
  /**
   * @param keyId of another key of the ring than the current one
   * @returns an envelope in text, about 60 characters longer than the secret
   */
  seal(secret: string, context: SecretContext, keyId?: string): string;
  /** @throws BackendError PLINTH_MASTER_KEY_INVALID where no key of the ring opens it */
  open(envelope: string, context: SecretContext): string;
  /**
   * Takes in a further key, which decrypts from now on.
   * @returns its id
   * @throws BackendError PLINTH_CONFIG_INVALID where it is too short
   */
  add(masterKey: string): Promise<string>;
  /** Encrypts with this key of the ring from now on. */
  makeCurrent(keyId: string): void;
  /** Forgets a key that is not the current one. */
  drop(keyId: string): void;
}

export interface KeyRingOptions {
  /** See `deriveKey` for its forms. */
  readonly masterKey: string;
  /** Further master keys, which decrypt: earlier ones, and one to come. */
  readonly previousMasterKeys?: readonly string[];
}

/** @throws BackendError PLINTH_CONFIG_INVALID where a key is too short */
export async function createKeyRing({ masterKey, previousMasterKeys = [] }: KeyRingOptions): Promise<KeyRing> {
  const keys = new Map<string, Buffer>();
  const add = async (text: string): Promise<string> => {
    const key = await deriveKey(text, "secrets");
    const id = keyIdOf(key);
    keys.set(id, key);
    return id;
  };
  let currentKeyId = await add(masterKey);
  for (const text of previousMasterKeys) await add(text);
  return {
    get currentKeyId() {
      return currentKeyId;
    },
    get keyIds() {
      return new Set(keys.keys());
    },
    seal: (secret, context, keyId = currentKeyId) => seal(keyId, keyOf(keys, keyId), secret, context),
    open: (envelope, context) => openWith(keys, envelope, context),
    add,
    makeCurrent: (keyId) => {
      keyOf(keys, keyId);
      currentKeyId = keyId;
    },
    drop: (keyId) => {
      if (keyId !== currentKeyId) keys.delete(keyId);
    },
  };
}

function keyOf(keys: ReadonlyMap<string, Buffer>, keyId: string): Buffer {
  const key = keys.get(keyId);
  if (key === undefined) throw new BackendError(CORE_ERRORS.masterKeyInvalid, { message: `The key ring has no key ${keyId}.` });
  return key;
}

/** Names a key without giving it away: 40 bits of a hash of it. */
const keyIdOf = (key: Buffer): string => createHash("sha256").update("plinth key id").update(key).digest("hex").slice(0, 10);

/** JSON, because a plain join of the parts would let ("a", "b.c") pass for ("a.b", "c"). */
const associatedData = (keyId: string, context: SecretContext): Buffer => Buffer.from(JSON.stringify([keyId, context.ref, context.purpose]));

function seal(keyId: string, key: Buffer, secret: string, context: SecretContext): string {
  return formatEnvelope({ keyId, ...encrypt(key, secret, associatedData(keyId, context)) });
}

function openWith(keys: ReadonlyMap<string, Buffer>, text: string, context: SecretContext): string {
  const envelope = parseEnvelope(text);
  const key = envelope && keys.get(envelope.keyId);
  if (!key) throw unreadable(context, envelope ? `It was written with the key ${envelope.keyId}; the keys given are ${[...keys.keys()].join(", ")}.` : "It is not in a form that was ever written.");
  try {
    return decrypt(key, envelope, associatedData(envelope.keyId, context));
  } catch (cause) {
    throw unreadable(context, "The key is the right one, but what is stored has been changed or belongs to another project.", cause);
  }
}

const unreadable = (context: SecretContext, why: string, cause?: unknown): BackendError =>
  new BackendError(CORE_ERRORS.masterKeyInvalid, { message: `The ${context.purpose} of "${context.ref}" can't be read with this master key. ${why}`, cause });
