import { watch } from "node:fs";
import type { Backend } from "../backend/backend.ts";

/** An editor writes a file in several steps; this long after the last one it is taken for written, in milliseconds. */
const SETTLE_MS = 150;

export interface MigrationWatch {
  /** A file was applied. */
  onApplied(name: string): void;
  onError(error: unknown): void;
}

/** Applies migrations that are added to the folder while the server runs. @returns stops that, once the last has ended */
export function watchMigrations(backend: Backend, folder: string, { onApplied, onError }: MigrationWatch): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();
  const apply = async (): Promise<void> => {
    try {
      for (const { name } of await backend.migrate(folder)) onApplied(name);
    } catch (error) {
      onError(error);
    }
  };
  const watcher = watch(folder, () => {
    clearTimeout(timer);
    timer = setTimeout(() => (turn = turn.then(apply)), SETTLE_MS);
  });
  watcher.on("error", onError);
  return async () => {
    clearTimeout(timer);
    watcher.close();
    await turn;
  };
}
