import type { ListedObject } from "@plinth/core";

/** Bytes that a store has, by the version that they are of. */
export type StoredVersion = Omit<ListedObject, "key"> & { readonly version: string };

export type Comparison =
  | { readonly kind: "both" | "bytes"; readonly stored: StoredVersion }
  | { readonly kind: "row"; readonly version: string };

/**
 * Goes through what the store has and what rows name side by side, holding one of each. Both come in the order of their
 * versions; where they don't (rows that others have written), more is taken for missing on either side than is: to be looked at
 * again, one by one.
 */
export async function* compare(stored: AsyncIterable<StoredVersion>, named: AsyncIterable<string>): AsyncGenerator<Comparison, void> {
  const [left, right] = [stored[Symbol.asyncIterator](), named[Symbol.asyncIterator]()];
  try {
    let [bytes, row] = [await left.next(), await right.next()];
    while (!bytes.done || !row.done) {
      const [version, name] = [bytes.done ? undefined : bytes.value.version, row.done ? undefined : row.value];
      if (!bytes.done && (name === undefined || bytes.value.version < name)) {
        yield { kind: "bytes", stored: bytes.value };
        bytes = await left.next();
      } else if (!row.done && version !== name) {
        yield { kind: "row", version: row.value };
        row = await right.next();
      } else if (!bytes.done) {
        yield { kind: "both", stored: bytes.value };
        [bytes, row] = [await left.next(), await right.next()];
      }
    }
  } finally {
    await left.return?.();
    await right.return?.();
  }
}
