import pg from "pg";
import { PROJECT_SEARCH_PATH } from "../base-setup.ts";
import type { ProvisioningTarget } from "../database-host.ts";

const { escapeIdentifier } = pg;

/**
 * Lets the login role into a database that was there before. Other projects' logins must be kept out of it, who could
 * switch to the request roles there as well, so CONNECT is revoked from PUBLIC; logins that are nobody's project keep
 * it by a grant of their own. The search path is set for our login alone.
 */
export async function openHomeToLoginRole(admin: pg.ClientBase, target: ProvisioningTarget): Promise<void> {
  const database = escapeIdentifier(target.database);
  const login = escapeIdentifier(target.loginRole ?? "");
  const { rows } = await admin.query<{ rolname: string }>(OTHER_LOGINS, [target.database]);
  const others = rows.map(({ rolname }) => `grant connect on database ${database} to ${escapeIdentifier(rolname)};`);
  await admin.query(`
    ${others.join("\n")}
    revoke connect on database ${database} from public;
    grant connect on database ${database} to ${login};
    alter role ${login} in database ${database} set search_path to ${PROJECT_SEARCH_PATH};`);
}

/** None where PUBLIC has no CONNECT any more: then each has it, or not, by somebody's decision. */
const OTHER_LOGINS = `
  select r.rolname
  from pg_roles r
  join pg_database d on d.datname = $1
  where r.rolcanlogin and not r.rolsuper
    and coalesce(shobj_description(r.oid, 'pg_authid'), '') not like 'plinth project %'
    and exists (
      select from aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) acl
      where acl.grantee = 0 and acl.privilege_type = 'CONNECT')`;
