import type { PlanOption } from "../media-type/media-type.ts";

const OPTIONS: Readonly<Record<PlanOption, string>> = {
  analyze: "analyze",
  verbose: "verbose",
  settings: "settings",
  buffers: "buffers",
  wal: "wal",
};

export const explainSql = (format: "text" | "json", options: readonly PlanOption[], sql: string): string =>
  `explain (${[`format ${format}`, ...options.map((option) => OPTIONS[option])].join(", ")}) ${sql}`;
