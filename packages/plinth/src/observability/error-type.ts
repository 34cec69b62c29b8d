/** What an error is, in a word: a SQLSTATE or a code of ours or of Node's. Messages may quote data. */
export function errorType(error: unknown): string {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "_OTHER";
}
