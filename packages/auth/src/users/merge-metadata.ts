import type { Metadata } from "./user.ts";

/** What a change makes of metadata: each field replaces the one of its name, null takes it away. */
export function mergeMetadata(present: Metadata | null, changes: Metadata = {}): Metadata {
  const kept = Object.entries(present ?? {}).filter(([name]) => !Object.hasOwn(changes, name));
  return Object.fromEntries([...kept, ...Object.entries(changes).filter(([, value]) => value !== null)]);
}
