/**
 * Memory that both threads see: what the worker is at, also while it is deep in a statement and answers no messages.
 * Slots of an Int32Array.
 */
export const BOARD = {
  /** Counts the batches begun; wraps. */
  batch: 0,
  /** Client whose batch runs now; 0: none. */
  running: 1,
  /** Client whose transaction is open; 0: none. */
  owner: 2,
} as const;

export function createStatusBoard(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(Object.keys(BOARD).length * Int32Array.BYTES_PER_ELEMENT));
}
