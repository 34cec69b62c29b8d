import { nativeDatabases } from "@plinth/testing";
import { describe, expect, inject, test } from "vitest";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";

/** Of the whole server, so that tests at the same time need others. */
const unique = `plain_${process.pid}_${Date.now()}`;

describe.runIf(inject("nativePostgresUrl") !== undefined)("the roles that a project is made with", () => {
  test("are none that reach beyond its database", { timeout: 60_000 }, async () => {
    const { backend, close } = await openNativeOrEmbedded(nativeDatabases(inject("nativePostgresUrl") ?? ""));
    const [{ owner = "", home = "" } = {}] = await backend.sql<{ owner: string; home: string }>(
      "select current_user::text as owner, rolname::text as home from pg_roles where shobj_description(oid, 'pg_authid') ^@ 'plinth project ' limit 1",
    );
    await backend.sql(`create role ${unique}; create role ${unique}_files in role pg_read_server_files; create role ${unique}_nested in role ${unique}_files; create role ${unique}_maker createrole`);
    try {
      const roles = [{ service: owner }, { authenticated: home }, { anon: "pg_execute_server_program" }, { authenticated: `${unique}_files` }, { anon: `${unique}_nested` }, { authenticated: `${unique}_maker` }];
      for (const given of roles) {
        const making = backend.projects.create({ ref: "grasping", roles: given });
        await expect(making, JSON.stringify(given)).rejects.toMatchObject({ code: "PLINTH_PROVISIONING_FAILED", message: expect.stringContaining("reaches beyond one project's database") });
        expect(await backend.sql("select m.roleid::regrole::text from pg_auth_members m where m.member = to_regrole('plinth_grasping')"), JSON.stringify(given)).toEqual([]);
        await backend.projects.delete("grasping");
      }
      expect(await backend.projects.create({ ref: "modest", roles: { authenticated: unique } })).toMatchObject({ status: "active" });
      await backend.projects.delete("modest");
    } finally {
      await backend.sql(`drop role ${unique}, ${unique}_nested, ${unique}_files, ${unique}_maker`);
      await close();
    }
  });
});
