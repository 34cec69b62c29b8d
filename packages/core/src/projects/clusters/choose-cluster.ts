import type { Kysely } from "kysely";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import type { DatabaseHost } from "../database-host.ts";
import type { ProjectSettings } from "../project.ts";
import type { ProjectHosts } from "./project-hosts.ts";

/** A cluster as placement sees it. */
export interface ClusterLoad {
  readonly name: string;
  /** Its share of new projects. 0: it takes none. */
  readonly weight: number;
  /** Projects that are on it now, in whatever state. */
  readonly projects: number;
}

/** What is known of a project before it is made. */
export interface ProjectToPlace {
  readonly ref: string;
  readonly name: string;
  readonly settings: ProjectSettings;
}

/** Chooses the cluster of a new project: one of the names given. */
export type Placement = (project: ProjectToPlace, clusters: readonly ClusterLoad[]) => string | Promise<string>;

/** Chooses the host of a new project, `cluster` being what the caller asked for. */
export type PlaceProject = (db: Kysely<MetadataTables>, project: ProjectToPlace, cluster: string | undefined) => Promise<DatabaseHost>;

export interface PlacementOptions {
  readonly hosts: ProjectHosts;
  /** By cluster; 1 where none is given. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Default: the cluster with the fewest projects for its weight. */
  readonly placement?: Placement | undefined;
}

/** @throws from what it returns: BackendError PLINTH_PROJECT_PLACEMENT */
export function createPlacement({ hosts, weights = {}, placement = fewestForWeight }: PlacementOptions): PlaceProject {
  return async (db, project, cluster) => {
    if (cluster !== undefined) return hosts.named(cluster);
    if (hosts.all.length === 1 || hosts.home.homeRef === project.ref) return hosts.home;
    const counts = await countByCluster(db);
    const loads = hosts.all.map(({ cluster: name }) => ({ name, weight: weights[name] ?? 1, projects: counts.get(name) ?? 0 }));
    return hosts.named(await placement(project, loads));
  };
}

/** Deterministic, and right again after a burst: what was given to one cluster counts for the next choice. */
function fewestForWeight(_project: ProjectToPlace, clusters: readonly ClusterLoad[]): string {
  const [least] = clusters.filter(({ weight }) => weight > 0).toSorted((a, b) => (a.projects + 1) / a.weight - (b.projects + 1) / b.weight);
  if (least) return least.name;
  throw new BackendError(CORE_ERRORS.projectPlacement, {
    message: "No cluster takes new projects: each has the weight 0.",
    hint: "Give one of them a weight, or name one: projects.create({ ref, cluster }).",
  });
}

async function countByCluster(db: Kysely<MetadataTables>): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom("plinth.projects").select((e) => ["cluster", e.fn.countAll<string>().as("count")]).where("adopted", "=", false).groupBy("cluster").execute();
  return new Map(rows.map(({ cluster, count }) => [cluster, Number(count)]));
}
