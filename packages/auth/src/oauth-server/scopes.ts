/** What clients may ask for: claims about the user. What they may do with data is for row level security to say, by `client_id`. */
export const SUPPORTED_SCOPES = ["openid", "profile", "email", "phone", "offline_access"] as const;

export type Scope = (typeof SUPPORTED_SCOPES)[number];

/** A list separated by blanks (RFC 6749, 3.3), each once. */
export const parseScopes = (text: string): readonly string[] => [...new Set(text.split(" ").filter((scope) => scope !== ""))];

export const isSupportedScope = (scope: string): scope is Scope => (SUPPORTED_SCOPES as readonly string[]).includes(scope);

export const coversScopes = (granted: string, asked: string): boolean => {
  const known = new Set(parseScopes(granted));
  return parseScopes(asked).every((scope) => known.has(scope));
};
