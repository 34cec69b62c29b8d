import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlPlane, ControlPlaneOptions } from "../../src/projects/control-plane.ts";
import { rotateMasterKey } from "../../src/secrets/rotate-master-key.ts";
import { type EmbeddedWorld, withEmbeddedWorlds } from "./support/embedded-world.ts";
import { type NativeWorld, openNativeWorld, uniqueRef } from "./support/native-world.ts";

const OPTIONS: Partial<ControlPlaneOptions> = { secretSettings: ["mail.smtp.pass", "mail.hooks.*.keys"] };
const settings = { mail: { smtp: { host: "h", pass: "hunter2" }, hooks: { a: { keys: ["first key", "second key"] } } }, other: { pass: "shown to all" } };
const SECRETS = ["hunter2", "first key", "second key"];

async function stored({ surroundings }: ControlPlane): Promise<string> {
  const { db } = surroundings.metadata;
  return JSON.stringify([await db.selectFrom("plinth.projects").selectAll().execute(), await db.selectFrom("plinth.audit_log").selectAll().execute()]);
}

async function neverStandsInTheMetadata(projects: ControlPlane, ref: string): Promise<void> {
  const first = await projects.ensureDefaultProject({ ref, settings });
  const told: string[] = [];
  const stop = projects.onChange((changed) => void told.push(changed));
  expect((await projects.ensureDefaultProject({ ref, settings })).settings).toEqual(first.settings);
  expect((await projects.ensureDefaultProject({ ref })).settings).toEqual(first.settings);
  expect(told).toEqual([]);
  const changed = await projects.ensureDefaultProject({ ref, settings: { ...settings, mail: { ...settings.mail, smtp: { host: "h", pass: "hunter3" } } } });
  stop();
  expect(told).toEqual([ref]);
  expect((changed.settings["mail"] as typeof settings.mail).hooks).toEqual((first.settings["mail"] as typeof settings.mail).hooks);
  await projects.update(ref, { settings });
  const { surroundings } = projects;
  await rotateMasterKey({ ...surroundings, actor: "test" }, { newMasterKey: `another master key, of 32 characters, for ${ref}` });

  const text = await stored(projects);
  for (const secret of [...SECRETS, "hunter3"]) expect(text).not.toContain(secret);
  expect(text).toContain("shown to all");
  const record = await projects.record(ref);
  expect(JSON.stringify(record.settings).match(/sealed1\./g)).toHaveLength(3);
  expect(JSON.stringify(record.project.settings).match(/"sealed:/g)).toHaveLength(3);
}

describe("a secret among settings", () => {
  let native: NativeWorld;
  beforeAll(async () => void (native = await openNativeWorld(OPTIONS)));
  afterAll(() => native.end());

  test("never stands in the metadata (native)", () => neverStandsInTheMetadata(native.projects, uniqueRef()));

  test("never stands in the metadata (embedded)", () =>
    withEmbeddedWorlds(async (_directory, openWorld) => {
      const world: EmbeddedWorld = await openWorld(OPTIONS);
      await neverStandsInTheMetadata(world.projects, "acme");
    }));
});
