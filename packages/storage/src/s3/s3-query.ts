import { decodePercent } from "./percent-encoding.ts";

/** A request's parameters as they were sent, decoded: signatures are over all of them. */
export class S3Query {
  readonly pairs: ReadonlyArray<readonly [name: string, value: string]>;

  /** @param query without "?" @throws StorageError InvalidURI */
  constructor(query: string) {
    this.pairs = query.split("&").filter((pair) => pair !== "").map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? ([decodePercent(pair), ""] as const) : ([decodePercent(pair.slice(0, at)), decodePercent(pair.slice(at + 1))] as const);
    });
  }

  has(name: string): boolean {
    return this.pairs.some(([each]) => each === name);
  }

  /** The first of that name. */
  get(name: string): string | undefined {
    return this.pairs.find(([each]) => each === name)?.[1];
  }

  /** The same for what a presigned address has instead of headers, which are the same in capitals and not. */
  header(name: string): string | undefined {
    return this.pairs.find(([each]) => each.toLowerCase() === name)?.[1];
  }
}
