/**
 * What goes between the host's thread and the database's: records in one ArrayBuffer, many to a postMessage, because
 * waking a thread costs more than a small query. A record is client, kind with flags, and length of the body
 * (three unsigned 32-bit numbers, little endian), then the body.
 */
export const RECORD_HEADER = 12;

/** Kinds of records from the host to the worker. */
export const REQUEST = {
  /** Messages up to a Sync, Query or Flush, run without another client's in between. */
  batch: 0,
  /** LISTEN and UNLISTEN that the client's next batch contains, as JSON. */
  listen: 1,
  /** The client has gone. The body is what is to be run to tidy up after it. */
  end: 2,
  /** The client's batches that wait are not to be run any more. */
  forget: 3,
} as const;

/** The batch begins with a Parse that the client didn't send: its answer is not for the client. */
export const HIDE_FIRST_PARSE = 1 << 8;

/** The batch ends with a message that the backend answers with ReadyForQuery. */
export const ENDS_READY = 1 << 9;

/** `forget` of a client that is still there: what it waited for is answered as cancelled. */
export const ANSWER_CANCELLED = 1 << 10;

/** Flags of records from the worker to the host. */
export const ANSWER = {
  /** The batch has been run; this is the end of its answer. */
  done: 1,
  /** The body ends in mid-message: more follows. */
  cut: 2,
} as const;

export interface Record {
  readonly client: number;
  /** Kind and flags. */
  readonly head: number;
  readonly body: Buffer;
}

export function writeHeader(target: Buffer, offset: number, client: number, head: number, length: number): void {
  target.writeUInt32LE(client, offset);
  target.writeUInt32LE(head, offset + 4);
  target.writeUInt32LE(length, offset + 8);
}

/** The records in `buffer`. Their bodies are views of it. */
export function* readRecords(buffer: ArrayBuffer): Generator<Record> {
  const bytes = Buffer.from(buffer);
  for (let offset = 0; offset < bytes.length; ) {
    const start = offset + RECORD_HEADER;
    const end = start + bytes.readUInt32LE(offset + 8);
    yield { client: bytes.readUInt32LE(offset), head: bytes.readUInt32LE(offset + 4), body: bytes.subarray(start, end) };
    offset = end;
  }
}
