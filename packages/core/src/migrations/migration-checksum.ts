import { createHash } from "node:crypto";
import type { MigrationFile } from "./migration-file.ts";
import { byName } from "./read-migrations.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Of the text with Unix line ends: Git may write others on another machine. */
export const fileChecksum = ({ sql }: MigrationFile): string => sha256(sql.replaceAll("\r\n", "\n"));

/** Of names and contents of all: a database that has had these needs none of them. */
export function migrationsChecksum(files: readonly MigrationFile[]): string {
  return sha256(JSON.stringify(inOrder(files).map((file) => [file.name, fileChecksum(file)])));
}

export const inOrder = (files: readonly MigrationFile[]): readonly MigrationFile[] => [...files].sort((a, b) => byName(a.name, b.name));
