import path from "node:path";
import { BackendError, CORE_ERRORS, createKeyRing, type KeyRing, type MasterKeyRotation, type Metadata, randomMasterKey, readOrMakeMasterKeyFile, rotateMasterKey, rotateMasterKeyFile, type RotateMasterKeyOptions } from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";

type MasterKeyConfig = Pick<BackendConfig, "masterKey" | "previousMasterKeys" | "inMemory" | "dataDirectory">;

/** The file that the key is kept in; undefined where the options give it, or nothing outlives the process anyway. */
function keyFile({ masterKey, inMemory, dataDirectory }: MasterKeyConfig): string | undefined {
  return masterKey !== undefined || inMemory ? undefined : path.join(dataDirectory, "master.key");
}

/** @throws BackendError PLINTH_CONFIG_INVALID, PLINTH_MASTER_KEY_INVALID */
export async function openKeyRing(config: MasterKeyConfig): Promise<KeyRing> {
  const file = keyFile(config);
  if (file === undefined) return createKeyRing({ masterKey: config.masterKey ?? randomMasterKey(), previousMasterKeys: config.previousMasterKeys });
  const kept = await readOrMakeMasterKeyFile(file);
  return createKeyRing({ masterKey: kept.masterKey, previousMasterKeys: [...kept.previousMasterKeys, ...config.previousMasterKeys] });
}

/** What `backend.rotateMasterKey` does, by where the key is. */
export async function rotateKeys(config: MasterKeyConfig, metadata: Metadata, keyRing: KeyRing, { actor = "host", ...options }: RotateMasterKeyOptions & { readonly actor?: string }): Promise<MasterKeyRotation> {
  const surroundings = { metadata, keyRing, actor };
  const file = keyFile(config);
  if (file !== undefined) return rotateMasterKeyFile(surroundings, file, options);
  if (config.inMemory && config.masterKey === undefined) return rotateMasterKey(surroundings, { newMasterKey: randomMasterKey(), ...options });
  if (options.newMasterKey === undefined && config.previousMasterKeys.length === 0) throw nothingToRotateTo();
  return rotateMasterKey(surroundings, options);
}

const nothingToRotateTo = (): BackendError =>
  new BackendError(CORE_ERRORS.configInvalid, {
    message: "There is no other master key to rotate to.",
    hint: "Give newMasterKey; or start with the new key as masterKey and the present one in previousMasterKeys, then rotate.",
  });
