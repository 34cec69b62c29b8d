/**
 * The part of `pg`'s internal connection that a flight writes to. `pg` is pinned, and
 * `test/database/pg-contract.test.ts` fails when any of this changes.
 */
export interface WireConnection {
  readonly stream: { cork?(): void; uncork?(): void };
  parse(message: { text: string; name: string; types?: readonly number[] }): void;
  bind(message: { portal: string; statement: string; values: ReadonlyArray<string | null> }): void;
  execute(message: { portal: string; rows: number }): void;
  close(message: { type: "S" | "P"; name: string }): void;
  sync(): void;
  sendCopyFail(message: string): void;
}
