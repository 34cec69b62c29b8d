import { type Kysely, sql } from "kysely";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { MetadataTables } from "../metadata/metadata-tables.ts";
import type { ListProjectsOptions, ProjectPage, ProjectStatus } from "./project.ts";
import { isProjectRef } from "./project-ref.ts";
import { toProject } from "./project-rows.ts";

const MAX_LIMIT = 1_000;

/** Where a page ended: the next begins after it, whatever has been made or deleted meanwhile. */
interface Position {
  readonly createdAt: Date;
  readonly ref: string;
}

/** @see Projects.list */
export async function listProjects(db: Kysely<MetadataTables>, { after, limit = 100, status, cluster, search }: ListProjectsOptions = {}): Promise<ProjectPage> {
  const size = Math.max(1, Math.min(limit, MAX_LIMIT));
  const position = after === undefined ? undefined : readPosition(after);
  const statuses = status === undefined ? [] : ([status].flat() as ProjectStatus[]);
  const pattern = `%${(search ?? "").replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const rows = await db
    .selectFrom("plinth.projects")
    .selectAll()
    .$if(position !== undefined, (query) => query.where(sql<boolean>`(created_at, ref) > (${position?.createdAt}::timestamptz, ${position?.ref}::text)`))
    .$if(status !== undefined, (query) => query.where("status", "in", statuses))
    .$if(cluster !== undefined, (query) => query.where("cluster", "=", cluster as string))
    .$if(search !== undefined, (query) => query.where((e) => e.or([e("ref", "ilike", pattern), e("name", "ilike", pattern)])))
    .orderBy("created_at")
    .orderBy("ref")
    .limit(size + 1)
    .execute();
  const projects = rows.slice(0, size).map(toProject);
  const last = projects.at(-1);
  return { projects, next: rows.length > size && last ? writePosition(last) : undefined };
}

const writePosition = ({ createdAt, ref }: Position): string => Buffer.from(`${createdAt.getTime()} ${ref}`).toString("base64url");

/** @throws BackendError PLINTH_REQUEST_MALFORMED */
function readPosition(text: string): Position {
  const [time = "", ref] = Buffer.from(text, "base64url").toString().split(" ");
  if (/^\d{1,15}$/.test(time) && isProjectRef(ref)) return { createdAt: new Date(Number(time)), ref };
  throw new BackendError(CORE_ERRORS.requestMalformed, { message: "after: must be the `next` of the page before." });
}
