import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditFacts } from "../../src/audit/audited-fields.ts";
import { recordAudit } from "../../src/audit/record-audit.ts";
import { type NativeWorld, openNativeWorld, query, uniqueRef } from "./support/native-world.ts";

let world: NativeWorld;
beforeAll(async () => void (world = await openNativeWorld()));
afterAll(() => world.end());

test("stores the fields that are named, and nothing else that comes along", async () => {
  const ref = uniqueRef();
  const row = { ref, name: "Whole", jwt_secret: "sealed", credentials: "sealed", jwtSecret: "in the clear", settings: { mail: { password: "in the clear", port: 25, tls: true, hosts: ["in the clear", 1], none: null } } };
  await recordAudit(world.projects.surroundings.metadata.db, { actor: "test", action: "test.run", ref, projectUid: null, after: row as AuditFacts });
  const { entries } = await world.projects.audit({ ref });
  expect(entries).toMatchObject([{ actor: "test", action: "test.run", before: null }]);
  expect(entries[0]?.after).toEqual({ ref, name: "Whole", settings: { mail: { password: "(text)", port: 25, tls: true, hosts: ["(text)", 1], none: null } } });
});

test("a change that fails leaves no entry, and an entry that can't be written no change", async () => {
  const { ref } = await world.projects.create({ ref: uniqueRef() });
  await expect(world.projects.rename(ref, "Not A Ref")).rejects.toThrow();
  await query(world.adminUrl, "alter table plinth.audit_log add constraint closed check (action <> 'project.update')");
  await expect(world.projects.update(ref, { name: "Unnoted" })).rejects.toMatchObject({ code: "23514" });
  await query(world.adminUrl, "alter table plinth.audit_log drop constraint closed");
  expect((await world.projects.get(ref)).name).toBe(ref);
  expect((await world.projects.record(ref)).project.name).toBe(ref);
  expect((await world.projects.audit({ ref })).entries.map(({ action }) => action)).toEqual(["project.create"]);
});

test("is kept for as long as it was said", async () => {
  const { ref } = await world.projects.create({ ref: uniqueRef() });
  await world.projects.update(ref, { name: "Later" });
  await query(world.adminUrl, "update plinth.audit_log set at = now() - interval '2 days' where ref = $1 and action = 'project.create'", [ref]);
  await world.projects.sweepDeleted();
  expect((await world.projects.audit({ ref })).entries).toHaveLength(2);
  await (await world.another({ auditRetentionMs: 24 * 60 * 60 * 1000 })).sweepDeleted();
  expect((await world.projects.audit({ ref })).entries.map(({ action }) => action)).toEqual(["project.update"]);
});

test("says who deleted what, when nothing of it is left", async () => {
  const { ref } = await world.projects.create({ ref: uniqueRef() });
  await world.projects.as("ann").delete(ref, { graceMs: 1 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await world.projects.as("sweeper").sweepDeleted();
  expect((await world.projects.audit({ ref })).entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual(["sweeper project.purge", "ann project.delete", "host project.create"]);
});
