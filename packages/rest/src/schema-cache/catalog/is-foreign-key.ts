import type { ForeignKeyRow, KeyRow } from "./catalog-rows.ts";

export const isForeignKey = (key: KeyRow): key is ForeignKeyRow => key.kind === "f";
