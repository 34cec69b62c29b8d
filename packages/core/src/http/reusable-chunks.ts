import type { Readable } from "node:stream";

/** Property by which a stream takes back its chunks: `Symbol.for`, so that two copies of this package know each other's. */
const TAKE_BACK: unique symbol = Symbol.for("plinth.stream.takeBack") as never;

export type TakeBack = (chunk: Uint8Array) => void;

interface WithReusableChunks {
  readonly [TAKE_BACK]?: TakeBack;
}

/**
 * Lets whoever reads the stream give each chunk back once nothing looks at it any more, to be filled anew: memory that comes
 * fresh from the system costs as much as filling it. Who doesn't know of that leaves them to the garbage collector.
 */
export const withReusableChunks = <T extends Readable>(stream: T, takeBack: TakeBack): T => Object.assign(stream, { [TAKE_BACK]: takeBack });

/** How the stream takes its chunks back; undefined where it doesn't. */
export const takesBack = (stream: Readable): TakeBack | undefined => (stream as WithReusableChunks)[TAKE_BACK];
