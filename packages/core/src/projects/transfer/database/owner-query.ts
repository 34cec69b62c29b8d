import type pg from "pg";
import type { OwnerQuery } from "../../../service/service-files.ts";

/** Values as PostgreSQL sends them. */
const TYPES: pg.CustomTypesConfig = { getTypeParser: () => (value: unknown) => value };

/** Asks over one connection. */
export const ownerQuery = (client: pg.Client): OwnerQuery => async ({ sql, parameters }) => {
  const { rows } = await client.query<(string | null)[]>({ text: sql, values: [...parameters], rowMode: "array", types: TYPES });
  return rows;
};
