/**
 * First bytes of the messages that the embedded database looks at.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export const FRONTEND = {
  query: 0x51,
  parse: 0x50,
  bind: 0x42,
  describe: 0x44,
  close: 0x43,
  execute: 0x45,
  functionCall: 0x46,
  flush: 0x48,
  sync: 0x53,
  terminate: 0x58,
} as const;

export const BACKEND = {
  parseComplete: 0x31,
  notification: 0x41,
  commandComplete: 0x43,
  error: 0x45,
  backendKeyData: 0x4b,
  parameterStatus: 0x53,
  readyForQuery: 0x5a,
} as const;

/** Transaction status byte of ReadyForQuery: idle, that is, in no transaction. */
export const IDLE = 0x49;

/** Type byte and length field. */
export const MESSAGE_HEADER = 5;
