/** Text as a header carries it: one character per byte of its UTF-8. */
export const headerBytes = (text: string): string => (/^[\x20-\x7e]*$/.test(text) ? text : Buffer.from(text, "utf8").toString("latin1"));

/** Whether SQL may set this header: a token for a name, and nothing in the value that ends the line (RFC 9110, 5.1 and 5.5). */
export const isHeader = (name: string, value: string): boolean => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/[\0\r\n]/.test(value);
