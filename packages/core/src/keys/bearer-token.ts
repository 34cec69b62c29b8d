/**
 * The token of an Authorization header (RFC 6750, section 2.1): "" where the scheme stands alone,
 * undefined where there is no header or it has another scheme, which is none of ours to judge.
 */
export function bearerToken(request: Request): string | undefined {
  const header = request.headers.get("authorization");
  if (header === null) return undefined;
  const [, scheme, token] = /^(\S*)\s*(.*)$/s.exec(header) ?? [];
  return scheme?.toLowerCase() === "bearer" ? token : undefined;
}
