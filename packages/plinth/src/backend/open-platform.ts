import { existsSync } from "node:fs";
import path from "node:path";
import {
  checkSettings,
  type ControlPlane,
  createProjects,
  EmbeddedInstances,
  type EmbeddedLease,
  type KeyRing,
  type Metadata,
  type MetadataSource,
  openMetadata,
  type Service,
} from "@plinth/core";
import type { BackendConfig } from "../config/backend-config.ts";
import { createEmbeddedOpeners } from "./embedded-openers.ts";
import { firstMigrations } from "./first-migrations.ts";
import { openKeyRing } from "./master-keys.ts";
import { openHosts } from "./open-hosts.ts";
import { openReplicas, type Replicas } from "./open-replicas.ts";
import { discardFrom, filesOf, secretSettingsOf, setupOf } from "./services.ts";

/** Databases and the control plane over them: what tenants are opened from. */
export interface Platform {
  readonly controlPlane: ControlPlane;
  readonly metadata: Metadata;
  /** For connections to it of one's own. */
  readonly metadataConfig: MetadataSource["config"];
  readonly keyRing: KeyRing;
  /** The projects' embedded databases. */
  readonly instances: EmbeddedInstances;
  /** Of clusters that have any. */
  readonly replicas: Replicas;
  /** The default project's database, opened while the metadata is still read; to be released once that is in use. */
  readonly prepared: Promise<EmbeddedLease | undefined>;
  /** Ends what crashes have broken off, and drops what was deleted long enough ago. Says of failures to `onError`. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** @throws BackendError PLINTH_DATABASE_UNAVAILABLE, PLINTH_MASTER_KEY_INVALID, PLINTH_DIRECTORY_LOCKED */
export async function openPlatform(config: BackendConfig, services: readonly Service[], { prepareDefault = true } = {}): Promise<Platform> {
  const databaseSetup = setupOf(services);
  const open = createEmbeddedOpeners(config, databaseSetup);
  const instances = new EmbeddedInstances({ open: open.project, directory: directoryOf(config, "projects") });
  const metadataInstances = new EmbeddedInstances({ open: open.metadata, directory: directoryOf(config, "control") });
  const closeInstances = async () => {
    await Promise.all([instances.close(), metadataInstances.close()]);
  };
  const prepared = prepareDefault ? openDefault(config, instances) : Promise.resolve(undefined);
  try {
    const keyRing = await openKeyRing(config);
    const source = await metadataSource(config, metadataInstances);
    const metadata = await openMetadata(source, keyRing);
    const controlPlane = createProjects({
      metadata,
      keyRing,
      ...openHosts(config, instances),
      databaseSetup,
      firstMigrations: firstMigrations(config),
      domainBase: config.domains.base,
      checkSettings: (settings) => checkSettings(services, settings),
      secretSettings: secretSettingsOf(services),
      discard: (project) => discardFrom(services, project),
      files: filesOf(services),
      ...lifeOf(config),
    });
    const replicas = openReplicas(config);
    let sweeping: Promise<void> | undefined;
    const close = async () => {
      await prepared;
      await sweeping;
      await replicas.close();
      await controlPlane.close();
      await closeInstances();
    };
    return { controlPlane, metadata, metadataConfig: source.config, keyRing, instances, replicas, prepared, sweep: () => (sweeping ??= sweep(config, controlPlane, instances)), close };
  } catch (error) {
    await prepared;
    await closeInstances();
    throw error;
  }
}

async function sweep({ onError }: BackendConfig, controlPlane: ControlPlane, instances: EmbeddedInstances): Promise<void> {
  try {
    await instances.removeLeftovers();
    const { failed } = await controlPlane.as("plinth.start").sweepDeleted();
    for (const { error } of failed) onError(error);
  } catch (error) {
    onError(error);
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;

function lifeOf({ projects: { deleteGraceMs, drainMs, upgradeOnOpen, auditRetentionDays } }: BackendConfig) {
  return { deleteGraceMs, drainMs, upgradeOnOpen, auditRetentionMs: auditRetentionDays && auditRetentionDays * DAY_MS };
}

const directoryOf = ({ inMemory, dataDirectory }: BackendConfig, name: string): string | undefined => (inMemory ? undefined : path.join(dataDirectory, name));

/** Only a database that is there, or that is sure to be made because there is no project yet. */
async function openDefault(config: BackendConfig, instances: EmbeddedInstances): Promise<EmbeddedLease | undefined> {
  const { databaseUrl, project } = config;
  if (databaseUrl || project === false || project.databaseUrl !== undefined) return undefined;
  const [control, projects] = [directoryOf(config, "control"), directoryOf(config, "projects")];
  const isSure = control === undefined || projects === undefined || !existsSync(control) || existsSync(path.join(projects, project.ref));
  return isSure ? instances.prepare(project.ref) : undefined;
}

/** Its connections are let go of soon, so that it can sleep. */
const METADATA_IDLE_MS = 1_000;

/** Natively the metadata is in the database that the URL names; else in an embedded one beside the projects'. */
async function metadataSource({ databaseUrl }: BackendConfig, instances: EmbeddedInstances): Promise<MetadataSource> {
  return databaseUrl ? { config: { connectionString: databaseUrl } } : { ...(await instances.acquire("metadata")), idleTimeoutMs: METADATA_IDLE_MS, processLocal: true };
}
