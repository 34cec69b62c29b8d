import { connectionError, isConnectionFailure } from "../database/connection-error.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { KeyRing } from "../secrets/key-ring.ts";
import { createProject } from "./create-project.ts";
import type { DatabaseHost } from "./database-host.ts";
import { deleteProject } from "./delete-project.ts";
import { ensureProject } from "./ensure-project.ts";
import { findRow } from "./find-row.ts";
import { openOwnerDatabase, type OwnerDatabaseLease } from "./open-owner-database.ts";
import { assertPlacedOn } from "./placement.ts";
import type { CreateProjectOptions, Project, Projects, ProjectSettings, ProjectWithKeys } from "./project.ts";
import { signApiKeys } from "./sign-api-keys.ts";
import type { ProjectRecord } from "./project-record.ts";
import type { ProjectSurroundings } from "./project-surroundings.ts";
import { openSecrets, type ProjectRow, toLocation, toProject } from "./project-rows.ts";
import { RecordCache } from "./record-cache.ts";
import { toRecord } from "./to-record.ts";

/** Called when a project has changed or is about to lose its database, and waited for. */
export type ProjectListener = (ref: string) => void | Promise<void>;

/** `Projects`, and what the rest of the backend needs of them. */
export interface ControlPlane extends Projects {
  /**
   * What it takes to serve the project. Kept for some seconds, so that changes made by other processes are seen then.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, also while it is being made or deleted; PLINTH_MASTER_KEY_INVALID
   */
  record(ref: string): Promise<ProjectRecord>;
  /** Makes the project that the host is configured with, or brings it into line with the options. See `ensureProject`. */
  ensureDefaultProject(options?: Omit<CreateProjectOptions, "ref"> & { readonly ref?: string }): Promise<ProjectWithKeys>;
  /**
   * The project's database with the owner's rights; to be released.
   * @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_DATABASE_UNAVAILABLE
   */
  ownerDatabase(ref: string): Promise<OwnerDatabaseLease>;
  /** @returns stops listening */
  onChange(listener: ProjectListener): () => void;
  /** Closes the metadata database. */
  close(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly metadata: Metadata;
  readonly keyRing: KeyRing;
  /** Where new projects' databases are made. */
  readonly host: DatabaseHost;
  /** Each service's `databaseSetup`. */
  readonly databaseSetup?: readonly string[];
  /**
   * Checks a project's settings before they are stored.
   * @throws BackendError PLINTH_CONFIG_INVALID
   */
  readonly checkSettings?: (settings: ProjectSettings) => void;
  /** How long a record is kept, in milliseconds. Default: 10,000. */
  readonly recordTtlMs?: number;
  /** Records kept at most. Default: 1,000. */
  readonly maxRecords?: number;
}

export function createProjects(options: ControlPlaneOptions): ControlPlane {
  const listeners = new Set<ProjectListener>();
  const records = new RecordCache({ read: (ref) => readRecord(surroundings, ref), max: options.maxRecords ?? 1_000, ttlMs: options.recordTtlMs ?? 10_000 });
  const letGo = async (ref: string): Promise<void> => {
    records.forget(ref);
    await Promise.all([...listeners].map((listener) => listener(ref)));
  };
  const surroundings: ProjectSurroundings = { ...options, databaseSetup: options.databaseSetup ?? [], letGo };
  const answer = (row: Promise<ProjectRow>): Promise<ProjectWithKeys> => inWords(row.then((whole) => withKeys(surroundings, whole)));
  const checked = async (project: { readonly settings?: ProjectSettings } | undefined): Promise<void> => {
    if (project === undefined) throw new BackendError(CORE_ERRORS.projectRefInvalid);
    if (project.settings !== undefined) options.checkSettings?.(project.settings);
  };
  return {
    create: (project) => answer(checked(project).then(() => createProject(surroundings, project))),
    get: (ref) => answer(requireRow(surroundings, ref)),
    list: () => inWords(listProjects(surroundings)),
    delete: (ref) => inWords(deleteProject(surroundings, ref)),
    record: (ref) => inWords(records.get(ref)),
    ensureDefaultProject: ({ ref = "default", ...rest } = {}) => answer(checked(rest).then(() => ensureProject(surroundings, { ref, ...rest }))),
    ownerDatabase: (ref) => inWords(openOwner(surroundings, ref)),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => options.metadata.close(),
  };
}

/** What fails for want of the metadata database is said as such. */
function inWords<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (isClosed(error)) throw new BackendError(CORE_ERRORS.closed, { cause: error });
    throw isConnectionFailure(error) ? connectionError(error) : error;
  });
}

/** Kysely's words after `destroy()`. */
const isClosed = (error: unknown): boolean => error instanceof Error && error.message === "driver has already been destroyed";

async function requireRow({ metadata }: ProjectSurroundings, ref: string): Promise<ProjectRow> {
  const row = await findRow(metadata.db, ref);
  if (row) return row;
  throw new BackendError(CORE_ERRORS.projectNotFound, { details: `No project "${ref}".` });
}

async function readRecord(surroundings: ProjectSurroundings, ref: string): Promise<ProjectRecord> {
  const row = await requireRow(surroundings, ref);
  if (row.status === "active" || row.status === "paused") return toRecord(row, surroundings);
  throw new BackendError(CORE_ERRORS.projectNotFound, { details: `The project "${ref}" is ${row.status}.` });
}

async function listProjects({ metadata }: ProjectSurroundings): Promise<readonly Project[]> {
  const rows = await metadata.db.selectFrom("plinth.projects").selectAll().orderBy("created_at").orderBy("ref").execute();
  return rows.map(toProject);
}

function withKeys(surroundings: ProjectSurroundings, row: ProjectRow): ProjectWithKeys {
  const { project, jwtSecret, database } = toRecord(row, surroundings);
  return { ...project, ...signApiKeys(project, jwtSecret), jwtSecret, databaseUrl: database.kind === "native" ? database.url : undefined };
}

async function openOwner(surroundings: ProjectSurroundings, ref: string): Promise<OwnerDatabaseLease> {
  const row = await requireRow(surroundings, ref);
  const { credentials } = openSecrets(row, surroundings.keyRing);
  if (credentials.kind === "adopted") return openOwnerDatabase({ config: { connectionString: credentials.ownerUrl }, release: async () => undefined });
  assertPlacedOn(surroundings.host, row);
  return openOwnerDatabase(await surroundings.host.openOwner(toLocation(row)));
}
