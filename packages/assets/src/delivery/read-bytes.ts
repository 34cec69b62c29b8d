import type { ObjectKey } from "@plinth/core";
import type { TenantSite } from "../tenant-site.ts";

/** All bytes below a key, from memory where they were read lately; undefined where there are none. */
export async function readBytes({ store, bytes }: Pick<TenantSite, "store" | "bytes">, key: ObjectKey): Promise<Uint8Array | undefined> {
  const held = bytes.get(key);
  if (held !== undefined) return held;
  const stream = await store.get(key);
  if (stream === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  bytes.set(key, whole);
  return whole;
}
