import { collectBytes, type ObjectKey } from "@plinth/core";
import type { TenantSite } from "../tenant-site.ts";

/** All bytes below a key, from memory where they were read lately; undefined where there are none. */
export async function readBytes({ store, bytes }: Pick<TenantSite, "store" | "bytes">, key: ObjectKey): Promise<Uint8Array | undefined> {
  const held = bytes.get(key);
  if (held !== undefined) return held;
  const stream = await store.get(key);
  if (stream === undefined) return undefined;
  const whole = await collectBytes(stream);
  bytes.set(key, whole);
  return whole;
}
