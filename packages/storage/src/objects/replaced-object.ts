import type { RawResult, Statement } from "@plinth/core";
import type { StorageWork } from "../endpoint/storage-call.ts";
import type { Actor } from "../endpoint/storage-query.ts";

/** What an object was before it was written. */
export interface ReplacedObject {
  readonly id: string;
  /** Whose bytes nobody may need any more: its own, and those of other objects that a trigger has written meanwhile. */
  readonly versions: readonly string[];
}

/** A write's statements, and how what they have replaced is read from their results. */
export interface TrackedWrite {
  readonly statements: readonly Statement[];
  /** Undefined where the object is new. */
  replaced(results: readonly RawResult[]): ReplacedObject | undefined;
}

interface Place {
  readonly bucket: string;
  readonly name: string;
}

/** For what may not replace anything. */
export const untracked = (write: Statement): TrackedWrite => ({ statements: [write], replaced: () => undefined });

const TOLD: Statement = { sql: "select current_setting('storage.replaced', true)", parameters: [] };

/** Where the set-up's trigger tells of each object that is replaced: see `storage.archive_version`. */
export function trackedByTrigger({ bucket, name }: Place, write: Statement): TrackedWrite {
  return {
    statements: [write, TOLD],
    replaced: (results) => {
      const objects = (results.at(-1)!.rows[0]![0] ?? "").split("\n").filter((line) => line !== "").map((line) => /^(\S+) (\S+) (.*)$/.exec(line) ?? []);
      const own = objects.find(([, , , place]) => place === `${bucket}/${name}`);
      return own && { id: own[1]!, versions: objects.map(([, , version]) => version!).filter((version) => version !== "-") };
    },
  };
}

/**
 * In adopted databases, which have no such trigger: the service role looks for the object beforehand. Of several that write one
 * name, each sees what the one before has written.
 */
export function trackedByLooking({ tenant, caller }: StorageWork, { bucket, name }: Place, write: Statement, actor: Actor): TrackedWrite {
  const lock: Statement = { sql: "select pg_advisory_xact_lock(hashtextextended('storage ' || $1 || '/' || $2, 0))", parameters: [bucket, name] };
  const look: Statement = { sql: "select id, version from storage.objects where bucket_id = $1 and name = $2 for update", parameters: [bucket, name] };
  const { service } = tenant.project.roles;
  const statements = [as(service), lock, look, as(actor === "caller" ? caller.role : service), write];
  return {
    statements,
    replaced: (results) => {
      const [found] = results[statements.indexOf(look)]!.rows as [[string, string | null]?];
      return found && { id: found[0], versions: found[1] === null ? [] : [found[1]] };
    },
  };
}

const as = (role: string): Statement => ({ sql: "select set_config('role', $1, true)", parameters: [role] });
