import type { FtsOperator, Operation, QuantOperator, SimpleOperator } from "../request/filter.ts";

/** https://docs.postgrest.org/en/stable/references/api/tables_views.html#operators */
export const SIMPLE_OPERATORS: Readonly<Record<SimpleOperator, string>> = {
  neq: "<>",
  cs: "@>",
  cd: "<@",
  ov: "&&",
  sl: "<<",
  sr: ">>",
  nxr: "&<",
  nxl: "&>",
  adj: "-|-",
};

export const QUANT_OPERATORS: Readonly<Record<QuantOperator, string>> = {
  eq: "=",
  gte: ">=",
  gt: ">",
  lte: "<=",
  lt: "<",
  like: "like",
  ilike: "ilike",
  match: "~",
  imatch: "~*",
};

/** In these `*` stands for `%`, which would have to be escaped in a URL. */
export const LIKE_OPERATORS: ReadonlySet<QuantOperator> = new Set<QuantOperator>(["like", "ilike"]);

export const FTS_FUNCTIONS: Readonly<Record<FtsOperator, string>> = {
  fts: "to_tsquery",
  plfts: "plainto_tsquery",
  phfts: "phraseto_tsquery",
  wfts: "websearch_to_tsquery",
};

/** What follows IS can't be a parameter, so it is one of these words. */
export const IS_VALUES: Readonly<Record<Extract<Operation, { kind: "is" }>["value"], string>> = {
  null: "null",
  not_null: "not null",
  true: "true",
  false: "false",
  unknown: "unknown",
};
