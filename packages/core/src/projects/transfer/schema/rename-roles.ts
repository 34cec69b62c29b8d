import pg from "pg";
import { type SqlPiece, sqlPieces } from "./sql-tokens.ts";

const { escapeIdentifier } = pg;

/** Roles' names in the source, and what they are called in the target. */
export type RoleNames = ReadonlyMap<string, string>;

/** Renames the roles that rights are given to or taken from: in GRANT, REVOKE, ALTER DEFAULT PRIVILEGES and CREATE POLICY. */
export function renameRoles(sql: string, names: RoleNames): string {
  if (names.size === 0) return sql;
  let renamed = "";
  let copied = 0;
  for (const piece of rolesIn(sql)) {
    const name = names.get(nameOf(piece));
    if (name === undefined) continue;
    renamed += sql.slice(copied, piece.start) + escapeIdentifier(name);
    copied = piece.end;
  }
  return renamed + sql.slice(copied);
}

/** Roles follow TO, FROM or FOR ROLE, several of them with commas between. Conditions of policies are in parentheses. */
function* rolesIn(sql: string): Generator<SqlPiece> {
  let depth = 0;
  let before = "";
  let isRole = false;
  for (const piece of sqlPieces(sql)) {
    if (piece.kind === "open") depth++;
    if (piece.kind === "close") depth--;
    if (piece.kind === "end") isRole = false;
    if (piece.kind !== "name" || depth > 0) continue;
    if (isRole) yield piece;
    const word: string = isRole ? "" : piece.text.toLowerCase();
    isRole = isRole ? sql[piece.end] === "," : word === "to" || word === "from" || (word === "role" && before === "for");
    before = word;
  }
}

const nameOf = ({ text }: SqlPiece): string => (text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text);
