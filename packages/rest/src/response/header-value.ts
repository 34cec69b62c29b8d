/** Text as a header carries it: one character per byte of its UTF-8. */
export const headerBytes = (text: string): string => (/^[\x20-\x7e]*$/.test(text) ? text : Buffer.from(text, "utf8").toString("latin1"));

/** Whether SQL may set this header: a token for a name, and no control character in the value (RFC 9110, 5.1 and 5.5). */
export const isHeader = (name: string, value: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/[\0-\x08\x0a-\x1f\x7f]/.test(value);

/** Where a message ends and what becomes of its connection (RFC 9112): for the server to say, and nobody else. */
const FRAMING: ReadonlySet<string> = new Set(["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]);

export const isFraming = (name: string): boolean => FRAMING.has(name.toLowerCase());
