import type { RawResult, Statement } from "../database/statement.ts";

/** Asks a project's database with the owner's rights. @returns its rows, every value in its text form */
export type OwnerQuery = (statement: Statement) => Promise<RawResult["rows"]>;

/** Some bytes that rows name. */
export interface NamedFile {
  /** The service's own name for them, within the project: 800 characters at most. */
  readonly name: string;
  /** Bytes, as far as the rows say. */
  readonly size?: number | undefined;
}

/** What of a project is needed to find its files. */
interface ProjectOfFiles {
  readonly uid: string;
  readonly ref: string;
}

/** What a service keeps of a project outside its database, so that it goes along when the project is exported and imported. */
export interface ServiceFiles {
  /**
   * All that the database's rows name, each once. Where `EXPORT_UNDER_WAY_SQL` holds, the service deletes nothing that a
   * row may have named when the export began.
   * @param ask the database as the export has it; its tables may be others than the service's set-up makes
   */
  named(ask: OwnerQuery): AsyncIterable<NamedFile>;
  /** The bytes of one; undefined where there are none any more. */
  read(project: ProjectOfFiles, name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Whether one of its own could have that name: whoever has made an export may have put in others. */
  isName(name: string): boolean;
  /** Keeps bytes for a project that is being made. Where that fails, `discard` is called in the end. */
  write(project: ProjectOfFiles, name: string, bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<void>;
  /** Brings the rows of an imported project into line with what came along, which may be nothing. */
  settle?(project: ProjectOfFiles, ask: OwnerQuery): Promise<void>;
}

/** What a project's services kept outside its database, as it went along with an export or import. */
export interface TransferredFiles {
  /** False: the bytes stayed behind, because that was asked for or because the export was made by a version of Plinth that left them out. */
  readonly included: boolean;
  readonly count: number;
  /** Bytes. */
  readonly size: number;
  /** Named by rows, and not there when the export was made: `examples` are the first 100, as `storage/<name>`. */
  readonly missing: { readonly count: number; readonly examples: readonly string[] };
}
