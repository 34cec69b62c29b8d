import type { TypesFormat } from "@plinth/rest";
import type { Backend } from "../backend/backend.ts";
import { writeTypes } from "./write-types.ts";

/** The channel on which a database tells of changes to its schema, as PostgREST's. */
const CHANNEL = "pgrst";

/** A migration changes the schema several times; this long after the last one it is taken for done, in milliseconds. */
const SETTLE_MS = 150;

export interface TypesWatch {
  readonly file: string;
  readonly format: TypesFormat;
  /** The schema has changed, and the file with it. */
  onWritten(file: string): void;
  onError(error: unknown): void;
}

/**
 * Keeps the file of a project's types as its schema is, while the server runs.
 * @returns stops that, once the last time of writing has ended
 * @throws CommandError where the file can't be written to begin with
 */
export async function watchTypes(backend: Backend, ref: string, { file, format, onWritten, onError }: TypesWatch): Promise<() => Promise<void>> {
  const write = async (): Promise<boolean> => writeTypes(file, await backend.generateTypes({ ref, format }));
  let timer: NodeJS.Timeout | undefined;
  let turn = Promise.resolve();
  const rewrite = async (): Promise<void> => {
    try {
      if (await write()) onWritten(file);
    } catch (error) {
      onError(error);
    }
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => (turn = turn.then(rewrite)), SETTLE_MS);
  };
  const tenant = await backend.tenant(ref);
  // What came while nobody listened may have been a change, too.
  const stop = await tenant.listen(CHANNEL, later, later);
  const close = async (): Promise<void> => {
    await stop();
    clearTimeout(timer);
    await turn;
  };
  try {
    await write();
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}
