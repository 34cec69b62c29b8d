import { setTimeout as sleep } from "node:timers/promises";
import { EXPORT_UNDER_WAY_SQL, type ObjectStore, type Tenant } from "@plinth/core";

const UNDER_WAY = { sql: `select ${EXPORT_UNDER_WAY_SQL}`, parameters: [] };

/** Somebody else may have asked at the same moment, which looks the same. */
const ATTEMPTS = 3;
const PAUSE_MS = 20;

/** Whether the project is exported with its files just now, here or by another process: what it has named goes later. */
export async function isExported(tenant: Tenant): Promise<boolean> {
  const { service } = tenant.project.roles;
  for (let attempt = 1; ; attempt += 1) {
    const [result] = await tenant.execute({ role: service, claims: { role: service } }, [UNDER_WAY]);
    const isUnderWay = result!.rows[0]?.[0] === "t";
    if (!isUnderWay || attempt === ATTEMPTS) return isUnderWay;
    await sleep(PAUSE_MS);
  }
}

/** The same store, which leaves to the sweep what it is to delete while the project is exported. */
export function keptForExports(store: ObjectStore, tenant: Tenant): ObjectStore {
  const remove: ObjectStore["delete"] = async (keys) => {
    if (!(await isExported(tenant))) await store.delete(keys);
  };
  return new Proxy(store, {
    get: (_, name) => {
      if (name === "delete") return remove;
      const own: unknown = Reflect.get(store, name);
      return typeof own === "function" ? (own.bind(store) as unknown) : own;
    },
  });
}
