import { randomBytes } from "node:crypto";
import { connectionError, isConnectionFailure } from "../database/connection-error.ts";
import { readAudit, trimAudit } from "../audit/read-audit.ts";
import { createProjectDomains } from "../domains/create-project-domains.ts";
import { NameLookup } from "../domains/name-lookup.ts";
import { readNames } from "../domains/read-names.ts";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { Metadata } from "../metadata/metadata.ts";
import type { KeyRing } from "../secrets/key-ring.ts";
import { createPlacement, type Placement } from "./clusters/choose-cluster.ts";
import { createProjectHosts } from "./clusters/project-hosts.ts";
import type { DatabaseHost } from "./database-host.ts";
import { findRowOrAlias, type ProjectRowWithAliases } from "./find-row.ts";
import { isMasterKeyViolation, retiredKey } from "../secrets/retired-key.ts";
import { createKeyStore } from "./keys/create-key-store.ts";
import { readKeyMaterial } from "./keys/read-key-material.ts";
import { createProject } from "./lifecycle/create-project.ts";
import { deleteProject } from "./lifecycle/delete-project.ts";
import { ensureProject } from "./lifecycle/ensure-project.ts";
import { pauseProject, resumeProject } from "./lifecycle/pause-project.ts";
import { renameProject } from "./lifecycle/rename-project.ts";
import { restoreProject } from "./lifecycle/restore-project.ts";
import { sweepDeleted } from "./lifecycle/sweep-deleted.ts";
import { updateProject } from "./lifecycle/update-project.ts";
import { isStale, upgradeProject, upgradeProjects } from "./lifecycle/upgrade-projects.ts";
import { projectNotFound } from "./lifecycle/with-project.ts";
import { listProjects } from "./list-projects.ts";
import { type ProjectListener, ProjectWatch } from "./notices/project-watch.ts";
import { openOwnerDatabase, type OwnerDatabaseLease } from "./open-owner-database.ts";
import type { CreateProjectOptions, Project, Projects, ProjectSettings, ProjectWithKeys } from "./project.ts";
import type { ProjectRecord } from "./project-record.ts";
import { openSecrets, type ProjectRow, toLocation, toProject } from "./project-rows.ts";
import type { FirstMigrations, ProjectSurroundings } from "./project-surroundings.ts";
import { readInFloods } from "./read-in-floods.ts";
import type { ServiceFiles } from "../service/service-files.ts";
import type { SecretPath } from "./settings/secret-path.ts";
import { signApiKeys } from "./sign-api-keys.ts";
import { toRecord } from "./to-record.ts";
import { exportProject } from "./transfer/export-project.ts";
import { importProject } from "./transfer/import-project.ts";
import { moveProject } from "./transfer/move-project.ts";
import { projectMoving } from "./transfer/project-moving.ts";
import { TransferQueue } from "./transfer/transfer-queue.ts";

/** `Projects`, and what the rest of the backend needs of them. */
export interface ControlPlane extends Projects {
  as(actor: string): ControlPlane;
  /**
   * What it takes to serve the project, also by a ref that it had before. Kept until it changes: other processes'
   * changes are heard of, or seen within a second.
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
  /** Told of changes that were made here or elsewhere. @returns stops listening */
  onChange(listener: ProjectListener): () => void;
  /** Whether other processes' changes are heard of right now; true where there can be none. Begins to listen for them. */
  hearsChanges(): boolean;
  /** Told when changes may have gone unheard, of whichever project. @returns stops listening */
  onMissed(listener: () => void): () => void;
  /** What changes of projects are made with, for the parts of the control plane that are made elsewhere. */
  readonly surroundings: ProjectSurroundings;
  /** Closes the metadata database. */
  close(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly metadata: Metadata;
  readonly keyRing: KeyRing;
  /** Where the metadata is, and new projects' databases are made. */
  readonly host: DatabaseHost;
  /** More of them. */
  readonly otherHosts?: readonly DatabaseHost[];
  /** Share of new projects, by cluster. Default: 1 each. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Chooses where a new project goes. Default: by weight. */
  readonly placement?: Placement | undefined;
  /** Each service's `databaseSetup`. */
  readonly databaseSetup?: readonly string[];
  /** Migrations that a new project begins with. */
  readonly firstMigrations?: FirstMigrations | undefined;
  /**
   * Checks a project's settings before they are stored.
   * @throws BackendError PLINTH_CONFIG_INVALID
   */
  readonly checkSettings?: (settings: ProjectSettings) => void;
  /** Settings that are stored sealed, and never shown: each service's `secretSettings`, below its name. */
  readonly secretSettings?: readonly SecretPath[];
  /** Removes what services keep of a deleted project outside its database: each service's `discard`. Default: nothing. */
  readonly discard?: (project: Pick<Project, "uid" | "ref">) => Promise<void>;
  /** How that goes along with exports and imports: each service's `files`, by its name. Default: nothing does. */
  readonly files?: ReadonlyMap<string, ServiceFiles>;
  /** How long a deleted project can be restored, in milliseconds, where `delete` doesn't say. Default: 0. */
  readonly deleteGraceMs?: number;
  /** How long work under way gets to end when a project is paused or deleted, in milliseconds. Default: 5,000. */
  readonly drainMs?: number;
  /** Give a database the present set-up when its project is first asked for, where it has another. Default: false. */
  readonly upgradeOnOpen?: boolean;
  /** For how long the audit log is kept, in milliseconds. Default: for ever. */
  readonly auditRetentionMs?: number | undefined;
  /** Domain whose labels are refs, in the form of `normalizeDomain`: no project can have one at or below it. */
  readonly domainBase?: string | undefined;
  /** How long a record is kept at most, in milliseconds. Default: 60,000. */
  readonly recordTtlMs?: number;
  /** Records kept at most. Default: 1,000. */
  readonly maxRecords?: number;
}

export function createProjects(options: ControlPlaneOptions): ControlPlane {
  const { metadata, keyRing } = options;
  const origin = randomBytes(6).toString("hex");
  const names = new NameLookup((asked) => readNames(metadata.db, asked));
  const read = readInFloods((ref) => readRecord(surroundings, options.upgradeOnOpen ?? false, ref), names);
  const watch = new ProjectWatch({ read, shared: metadata.shared, origin, maxRecords: options.maxRecords ?? 1_000, ttlMs: options.recordTtlMs ?? 60_000 });
  const hosts = createProjectHosts(options.host, options.otherHosts);
  const surroundings: ProjectSurroundings = {
    metadata,
    keyRing,
    hosts,
    place: createPlacement({ hosts, weights: options.weights ?? {}, placement: options.placement }),
    databaseSetup: options.databaseSetup ?? [],
    firstMigrations: options.firstMigrations,
    checkSettings: options.checkSettings ?? (() => undefined),
    secretSettings: options.secretSettings ?? [],
    discard: options.discard ?? (async () => undefined),
    files: options.files ?? new Map(),
    actor: "host",
    origin,
    deleteGraceMs: options.deleteGraceMs ?? 0,
    drainMs: options.drainMs ?? 5_000,
    letGo: (ref) => watch.letGo(ref),
  };
  const close = async (): Promise<void> => {
    await watch.close();
    await Promise.all(hosts.all.map((host) => host.close?.()));
    await metadata.close();
  };
  return controlPlaneOf(surroundings, { watch, auditRetentionMs: options.auditRetentionMs, domainBase: options.domainBase, transfers: new TransferQueue(), close });
}

/** What is there once, on whosever behalf things are done. */
interface Shared {
  readonly watch: ProjectWatch;
  readonly auditRetentionMs: number | undefined;
  readonly domainBase: string | undefined;
  readonly transfers: TransferQueue;
  readonly close: () => Promise<void>;
}

function controlPlaneOf(surroundings: ProjectSurroundings, shared: Shared): ControlPlane {
  const { db } = surroundings.metadata;
  const { watch, auditRetentionMs, domainBase, transfers, close } = shared;
  const keyed = (row: Promise<ProjectRow>): Promise<ProjectWithKeys> => inWords(row.then((whole) => withKeys(surroundings, { row: whole, aliases: [] })));
  const plain = (row: Promise<ProjectRow>): Promise<Project> => inWords(row.then(toProject));
  const checked = async (project: { readonly settings?: ProjectSettings } | undefined): Promise<void> => {
    if (project === undefined) throw new BackendError(CORE_ERRORS.projectRefInvalid);
    if (project.settings !== undefined) surroundings.checkSettings(project.settings);
  };
  return {
    create: (project) => keyed(checked(project).then(() => createProject(surroundings, project))),
    get: (ref) => inWords(requireRow(surroundings, ref).then((found) => withKeys(surroundings, found))),
    list: (page) => inWords(listProjects(db, page)),
    update: (ref, changes) => keyed(updateProject(surroundings, ref, changes)),
    rename: (ref, newRef) => keyed(renameProject(surroundings, ref, newRef)),
    pause: (ref) => plain(pauseProject(surroundings, ref)),
    resume: (ref) => plain(resumeProject(surroundings, ref)),
    delete: (ref, deletion = {}) => inWords(deleteProject(surroundings, ref, deletion)),
    restore: (ref) => plain(restoreProject(surroundings, ref)),
    sweepDeleted: () => inWords(sweepDeleted(surroundings).then(async (result) => {
      if (auditRetentionMs !== undefined) await trimAudit(db, auditRetentionMs);
      return result;
    })),
    export: (ref, contents = {}) => inWords(exportProject(surroundings, ref, contents)),
    import: (source, placement = {}) => keyed(transfers.run(() => importProject(surroundings, source, placement))),
    move: (ref, move) => plain(transfers.run(() => moveProject(surroundings, ref, move))),
    upgrade: (ref, upgrade) => inWords(upgradeProjects(surroundings, ref, upgrade)),
    audit: (page) => inWords(readAudit(db, page)),
    as: (actor) => controlPlaneOf({ ...surroundings, actor }, shared),
    keys: (ref) => createKeyStore({ ...surroundings, record: (named) => watch.record(named), inWords }, ref),
    domains: (ref) => createProjectDomains({ surroundings, ref, base: domainBase, inWords }),
    record: (ref) => inWords(watch.record(ref)),
    ensureDefaultProject: ({ ref = "default", ...rest } = {}) => keyed(checked(rest).then(() => ensureProject(surroundings, { ref, ...rest }))),
    ownerDatabase: (ref) => inWords(openOwner(surroundings, ref)),
    onChange: (listener) => watch.onChange(listener),
    hearsChanges: () => watch.hears(),
    onMissed: (listener) => watch.onMissed(listener),
    surroundings,
    close,
  };
}

/** What fails for want of the metadata database is said as such. */
function inWords<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (isClosed(error)) throw new BackendError(CORE_ERRORS.closed, { cause: error });
    if (isMasterKeyViolation(error)) throw retiredKey(error);
    throw isConnectionFailure(error) ? connectionError(error) : error;
  });
}

/** Kysely's words after `destroy()`. */
const isClosed = (error: unknown): boolean => error instanceof Error && error.message === "driver has already been destroyed";

async function requireRow({ metadata }: ProjectSurroundings, ref: string): Promise<ProjectRowWithAliases> {
  const found = await findRowOrAlias(metadata.db, ref);
  if (found) return found;
  throw projectNotFound(ref);
}

async function readRecord(surroundings: ProjectSurroundings, upgradeOnOpen: boolean, ref: string): Promise<ProjectRecord> {
  const found = await requireRow(surroundings, ref);
  const { row } = found;
  if (row.status !== "active" && row.status !== "paused" && row.status !== "moving") throw projectNotFound(ref, `The project "${ref}" is ${row.status}.`);
  if (upgradeOnOpen && row.status === "active" && isStale(surroundings, row)) await upgradeProject(surroundings, row.ref);
  const keys = await readKeyMaterial(surroundings.metadata.db, row, surroundings.keyRing);
  return { ...toRecord(found, surroundings), keys };
}

function withKeys(surroundings: ProjectSurroundings, found: ProjectRowWithAliases): ProjectWithKeys {
  const { project, jwtSecret, database } = toRecord(found, surroundings);
  return { ...project, ...signApiKeys(project, jwtSecret), jwtSecret, databaseUrl: database.kind === "native" ? database.url : undefined };
}

async function openOwner(surroundings: ProjectSurroundings, ref: string): Promise<OwnerDatabaseLease> {
  const { row } = await requireRow(surroundings, ref);
  if (row.status === "moving") throw projectMoving(ref);
  const { credentials } = openSecrets(row, surroundings.keyRing);
  if (credentials.kind === "adopted") return openOwnerDatabase({ config: { connectionString: credentials.ownerUrl }, release: async () => undefined });
  return openOwnerDatabase(await surroundings.hosts.of(row).openOwner(toLocation(row)));
}
