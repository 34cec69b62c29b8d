import type { RestConfig } from "../config/rest-config.ts";
import type { ApiRequest } from "../request/api-request.ts";

type Preferred = ApiRequest["preferences"]["transaction"];

/** db-tx-end: https://docs.postgrest.org/en/stable/references/configuration.html#db-tx-end */
const ROLLS_BACK: Readonly<Record<RestConfig["txEnd"], (preferred: Preferred) => boolean>> = {
  commit: () => false,
  "commit-allow-override": (preferred) => preferred === "rollback",
  rollback: () => true,
  "rollback-allow-override": (preferred) => preferred !== "commit",
};

/** Whether the transaction is rolled back whatever came of it. */
export const endsInRollback = ({ preferences }: ApiRequest, { txEnd }: RestConfig): boolean => ROLLS_BACK[txEnd](preferences.transaction);
