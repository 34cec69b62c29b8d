import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { ProjectKeys } from "../../keys/project-keys.ts";
import type { ProjectRecord } from "../project-record.ts";
import { isProjectRef } from "../project-ref.ts";
import { nobodysKeys, recordKeys } from "./record-keys.ts";

/**
 * The keys that a caller has to show before it is told why a project is not served: those of one that is there, and
 * nobody's of one that is not.
 *
 * @throws BackendError where neither can be told just now
 */
export type UnservedKeys = (ref: string) => Promise<ProjectKeys>;

export function createUnservedKeys(record: (ref: string) => Promise<ProjectRecord>, requireApiKey: boolean): UnservedKeys {
  const nobodys = nobodysKeys(requireApiKey);
  const made = new WeakMap<ProjectRecord, ProjectKeys>();
  const keysOf = (known: ProjectRecord): ProjectKeys => {
    const keys = made.get(known) ?? recordKeys(known, requireApiKey);
    made.set(known, keys);
    return keys;
  };
  return async (ref) => {
    // Nobody has vouched for it: not even a lookup is made for just any text.
    if (!isProjectRef(ref)) return nobodys;
    try {
      return keysOf(await record(ref));
    } catch (error) {
      if (error instanceof BackendError && error.code === CORE_ERRORS.projectNotFound.code) return nobodys;
      throw error;
    }
  };
}
