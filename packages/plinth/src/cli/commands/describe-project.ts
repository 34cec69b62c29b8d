import type { ProjectWithKeys } from "@plinth/core";
import { fields } from "../answer.ts";

export function describeProject({ ref, name, status, cluster, adopted, createdAt, deleteAfter, anonKey, serviceRoleKey, jwtSecret, databaseUrl }: ProjectWithKeys): string {
  return fields({
    ref,
    name,
    status,
    cluster,
    adopted: adopted || undefined,
    created: createdAt,
    "deleted for good after": deleteAfter,
    "anon key": anonKey,
    "service role key": `${serviceRoleKey}   (passes over row level security: servers only)`,
    "JWT secret": `${jwtSecret}   (signs your users' tokens)`,
    database: databaseUrl,
  });
}
