import { ASSETS_ERRORS } from "@plinth/assets";
import { BackendError, type ControlPlane } from "@plinth/core";
import type { StorageService, SweepReport } from "@plinth/storage";
import type { BackendTenant } from "./backend-tenant.ts";

export interface SweepStorageOptions {
  /** Default: all projects that have files. */
  readonly ref?: string | undefined;
  /** Count, and delete nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** What became of one project's files. */
export type ProjectSweep = { readonly ref: string } & ({ readonly report: SweepReport } | { readonly error: { readonly code: string; readonly message: string } });

export interface StorageSweep {
  readonly projects: readonly ProjectSweep[];
  /** What processes that died had left in the store, removed. */
  readonly leftovers: number;
}

/** Looks after the files of all projects. */
export interface StorageSweeps {
  /** Refs of the active projects that have something in the store. */
  refs(): AsyncIterable<string>;
  /** @throws BackendError PLINTH_PROJECT_NOT_FOUND, PLINTH_DATABASE_UNAVAILABLE; StorageError */
  sweep(ref: string, options: { readonly dryRun?: boolean | undefined; readonly signal?: AbortSignal }): Promise<SweepReport>;
  /** Of whichever project. @returns how many there were */
  removeLeftovers(): Promise<number>;
  /** One project after the other; one that fails doesn't stop the others. */
  all(options: SweepStorageOptions): Promise<StorageSweep>;
}

export interface StorageSweepsOptions {
  readonly controlPlane: ControlPlane;
  readonly storage: StorageService;
  readonly tenant: (ref: string) => Promise<Pick<BackendTenant, "storage" | "assets">>;
}

/** Nobody writes one file for longer. In milliseconds. */
const LEFTOVER_AGE = 24 * 60 * 60 * 1_000;

export function storageSweeps({ controlPlane, storage, tenant }: StorageSweepsOptions): StorageSweeps {
  const sweeps: StorageSweeps = {
    refs: () => refsWithFiles(controlPlane, storage),
    sweep: async (ref, options) => {
      const { storage: files, assets } = await tenant(ref);
      // Adopted databases may have no tables for it.
      if (!options.dryRun) await assets.sweep().catch(unlessNotSetUp);
      return files.sweep(options);
    },
    removeLeftovers: async () => (await storage.inside()).removeLeftovers(new Date(Date.now() - LEFTOVER_AGE)),
    all: async ({ ref, dryRun }) => {
      const projects: ProjectSweep[] = [];
      if (ref !== undefined) projects.push({ ref, report: await sweeps.sweep(ref, { dryRun }) });
      else for await (const each of sweeps.refs()) projects.push({ ref: each, ...(await outcomeOf(sweeps.sweep(each, { dryRun }))) });
      return { projects, leftovers: dryRun || ref !== undefined ? 0 : await sweeps.removeLeftovers() };
    },
  };
  return sweeps;
}

function unlessNotSetUp(error: unknown): void {
  if (!(error instanceof BackendError && error.code === ASSETS_ERRORS.noTables.code)) throw error;
}

async function* refsWithFiles(controlPlane: ControlPlane, storage: StorageService): AsyncGenerator<string, void> {
  const { hasBytes } = await storage.inside();
  let after: string | undefined;
  do {
    const page = await controlPlane.list({ status: "active", ...(after === undefined ? {} : { after }) });
    for (const project of page.projects) if (await hasBytes(project)) yield project.ref;
    after = page.next;
  } while (after !== undefined);
}

async function outcomeOf(sweep: Promise<SweepReport>): Promise<{ readonly report: SweepReport } | { readonly error: { readonly code: string; readonly message: string } }> {
  try {
    return { report: await sweep };
  } catch (error) {
    return { error: error instanceof BackendError ? { code: error.code, message: error.message } : { code: "PLINTH_INTERNAL", message: String(error) } };
  }
}
