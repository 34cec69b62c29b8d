import { type SqlToken, sqlStatements } from "./sql-statements.ts";

/** A change to what one client listens to. */
export type ListenIntent = { readonly listen: string } | { readonly unlisten: string } | { readonly unlisten: null };

/** What in a SQL text concerns the session, which clients share, rather than the data. */
export interface SessionCommands {
  readonly intents: readonly ListenIntent[];
  readonly copiesFromClient: boolean;
}

const NONE: SessionCommands = { intents: [], copiesFromClient: false };

/** Cheap first look: hardly any text goes on from here to be read in full. */
const CANDIDATE = /listen|discard|stdin/i;

/** Longer than any COPY's options before FROM STDIN would be. */
const COPY_DEPTH = 2_000;

export function sessionCommands(sql: string): SessionCommands {
  if (!CANDIDATE.test(sql)) return NONE;
  const statements = sqlStatements(sql, COPY_DEPTH);
  return { intents: statements.flatMap(intentOf), copiesFromClient: statements.some(copiesFromClient) };
}

function intentOf([command, subject]: readonly SqlToken[]): ListenIntent[] {
  if (command?.kind !== "word") return [];
  if (command.text === "discard") return subject?.text === "all" ? [{ unlisten: null }] : [];
  if (command.text === "unlisten") return [{ unlisten: subject && subject.kind !== "other" ? channelName(subject) : null }];
  return command.text === "listen" && subject ? [{ listen: channelName(subject) }] : [];
}

/** As PostgreSQL folds and cuts identifiers: to NAMEDATALEN - 1 bytes, never within a character. */
function channelName({ text }: SqlToken): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= 63) return text;
  let end = 63;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}

function copiesFromClient(statement: readonly SqlToken[]): boolean {
  if (statement[0]?.text !== "copy") return false;
  return statement.some((token, i) => token.kind === "word" && token.text === "from" && statement[i + 1]?.text === "stdin");
}
