import { beginMasterKeyFile, endMasterKeyFile, readOrMakeMasterKeyFile } from "./master-key-file.ts";
import { type MasterKeyRotation, type MasterKeySurroundings, rotateMasterKey, type RotateMasterKeyOptions } from "./rotate-master-key.ts";

/**
 * `rotateMasterKey` where the key is kept in a file: the new one, made by random where none is given, is kept beside it
 * before anything is sealed with it, and takes its place when nothing needs the former one any more. Broken off, it goes
 * on to the same key when it is called again. Of processes that share the file, one does so at a time.
 *
 * @throws BackendError PLINTH_MASTER_KEY_INVALID, PLINTH_CONFIG_INVALID
 */
export async function rotateMasterKeyFile(surroundings: MasterKeySurroundings, path: string, { newMasterKey, ...options }: RotateMasterKeyOptions = {}): Promise<MasterKeyRotation> {
  return surroundings.metadata.exclusive("master-key", async () => {
    const kept = await readOrMakeMasterKeyFile(path);
    const isUnderWay = kept.previousMasterKeys.length > 0;
    const isBehind = (await surroundings.keyRing.add(kept.masterKey)) !== surroundings.keyRing.currentKeyId;
    // Another process has done it while this one went on with the former key.
    if (isBehind && !isUnderWay && newMasterKey === undefined) return rotateMasterKey(surroundings, { ...options, newMasterKey: kept.masterKey });
    const next = await beginMasterKeyFile(path, newMasterKey);
    const rotation = await rotateMasterKey(surroundings, { ...options, newMasterKey: next });
    await endMasterKeyFile(path);
    return rotation;
  });
}
