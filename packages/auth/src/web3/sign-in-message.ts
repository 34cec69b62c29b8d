import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import { isTimestamp } from "./timestamp.ts";

/** What a wallet signs: Sign-In with Ethereum (EIP-4361), and with Solana, which has the same form. */
export interface SignInMessage {
  readonly domain: string;
  readonly address: string;
  readonly statement: string | undefined;
  readonly uri: URL;
  readonly chainId: string | undefined;
  readonly issuedAt: Date;
  readonly expirationTime: Date | undefined;
  readonly notBefore: Date | undefined;
}

export interface MessageRules {
  /** "Ethereum": whose account is signed in with. */
  readonly chain: string;
  readonly address: RegExp;
  readonly chainId: RegExp;
  readonly chainIdRequired: boolean;
}

const MIN_LENGTH = 64;
const MAX_LENGTH = 20 * 1024;
const MIN_LINES = 6;
const DOMAIN = /^(localhost|(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,})(?::\d{1,5})?$/;
const FIELDS: ReadonlySet<string> = new Set(["URI", "Version", "Chain ID", "Nonce", "Issued At", "Expiration Time", "Not Before", "Request ID"]);

const malformed = (message: string): AuthError => new AuthError(AUTH_ERRORS.validationFailed, { message });

/**
 * Reads a message strictly: each field once, no line that is not understood.
 * @throws BackendError validation_failed
 */
export function parseSignInMessage(text: string, rules: MessageRules): SignInMessage {
  if (text.length < MIN_LENGTH) throw malformed("message is too short");
  if (text.length > MAX_LENGTH) throw malformed("message must not exceed 20KB");
  const lines = text.split("\n");
  if (lines.length < MIN_LINES) throw malformed("message needs at least 6 lines");
  const [header = "", address = "", blank, ...rest] = lines;
  const domain = readDomain(header, rules);
  if (!rules.address.test(address)) throw malformed("wallet address is not in a valid format");
  if (blank !== "") throw malformed("third line must be empty");
  const hasStatement = rest[0] !== "" && rest[1] === "";
  const fields = readFields(hasStatement ? rest.slice(2) : rest);
  if (fields.get("Version") !== "1") throw malformed(`Version value is not supported, expected 1 got ${fields.get("Version") ?? "none"}`);
  return { domain, address, statement: hasStatement ? rest[0] : undefined, uri: readUri(fields.get("URI")), chainId: readChainId(fields, rules), ...readTimes(fields) };
}

function readDomain(header: string, { chain }: MessageRules): string {
  const suffix = ` wants you to sign in with your ${chain} account:`;
  if (!header.endsWith(suffix)) throw malformed(`message first line does not end in "${suffix}"`);
  const domain = header.slice(0, -suffix.length);
  if (!DOMAIN.test(domain)) throw malformed("domain in first line of message is not valid");
  return domain;
}

function readChainId(fields: ReadonlyMap<string, string>, { chainId: pattern, chainIdRequired }: MessageRules): string | undefined {
  const chainId = fields.get("Chain ID");
  if (chainId === undefined ? chainIdRequired : !pattern.test(chainId)) throw malformed("Chain ID is not valid");
  return chainId;
}

function readFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let inResources = false;
  for (const line of lines) {
    if (line === "" || (inResources && line.startsWith("- "))) continue;
    // Without a colon: as auth-js writes it for Solana.
    inResources = line === "Resources:" || line === "Resources";
    if (inResources) continue;
    const [, name = "", value = ""] = /^([A-Za-z ]+): ?(.*)$/.exec(line) ?? [];
    if (!FIELDS.has(name)) throw malformed(`encountered an unparsable line: ${JSON.stringify(line.slice(0, 80))}`);
    if (fields.has(name)) throw malformed(`${name} is given twice`);
    fields.set(name, value);
  }
  return fields;
}

function readUri(text: string | undefined): URL {
  if (text === undefined || text === "") throw malformed("URI is not specified in message");
  if (!URL.canParse(text) || /[\s\\\p{C}]/u.test(text)) throw malformed("URI is not valid");
  return new URL(text);
}

function readTimes(fields: ReadonlyMap<string, string>): Pick<SignInMessage, "issuedAt" | "expirationTime" | "notBefore"> {
  const [issuedAt, expirationTime, notBefore] = ["Issued At", "Expiration Time", "Not Before"].map((name) => readTime(name, fields.get(name)));
  if (issuedAt === undefined) throw malformed("Issued At is not specified in message");
  if (expirationTime !== undefined && issuedAt > expirationTime) throw malformed("Issued At is after Expiration Time");
  if (expirationTime !== undefined && notBefore !== undefined && notBefore > expirationTime) throw malformed("Not Before is after Expiration Time");
  return { issuedAt, expirationTime, notBefore };
}

function readTime(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  if (!isTimestamp(text)) throw malformed(`${name} is not a valid ISO8601 timestamp`);
  return new Date(text);
}
