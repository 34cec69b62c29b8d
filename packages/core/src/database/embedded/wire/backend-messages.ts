import { cStrings, encodeMessage } from "./encode-message.ts";
import { BACKEND, FRONTEND } from "./message-type.ts";

/** What an ErrorResponse made on this side of the backend says. */
export interface WireError {
  readonly severity: "ERROR" | "FATAL";
  /** Five characters: https://www.postgresql.org/docs/current/errcodes-appendix.html */
  readonly sqlstate: string;
  readonly message: string;
  readonly hint?: string;
}

export function errorResponse({ severity, sqlstate, message, hint }: WireError): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${sqlstate}`, `M${message}`, ...(hint === undefined ? [] : [`H${hint}`]), ""];
  return encodeMessage(BACKEND.error, cStrings(...fields));
}

export const AUTHENTICATION_OK = encodeMessage(0x52, Buffer.alloc(4));
export const READY_WHILE_IDLE = encodeMessage(BACKEND.readyForQuery, Buffer.from("I"));
export const SYNC = encodeMessage(FRONTEND.sync, Buffer.alloc(0));

/** What a client sends back in a CancelRequest. */
export function backendKeyData(processId: number, secretKey: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeInt32BE(processId, 0);
  body.writeInt32BE(secretKey, 4);
  return encodeMessage(BACKEND.backendKeyData, body);
}

export function queryMessage(sql: string): Buffer {
  return encodeMessage(FRONTEND.query, cStrings(sql));
}

export function closeStatementMessage(name: string): Buffer {
  return encodeMessage(FRONTEND.close, cStrings(`S${name}`));
}
