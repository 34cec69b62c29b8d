import { expect, test } from "vitest";
import { restConfigSchema } from "../../src/config/rest-options.ts";
import { buildRoleSettings } from "../../src/schema-cache/roles/role-settings.ts";
import { readTimeout } from "../../src/schema-cache/roles/statement-timeout.ts";

const row = (name: string, value: string, role = "anon") => ({ role, name, value });

test("a role's settings are kept apart by what becomes of them", () => {
  const settings = buildRoleSettings([row("work_mem", "5MB"), row("default_transaction_isolation", "Repeatable Read"), row("statement_timeout", "1min"), row("work_mem", "6MB", "web")], {}, undefined);
  expect(settings.get("anon")).toEqual({ settings: [["work_mem", "5MB"]], isolation: "repeatable read", statementTimeoutMs: 60_000 });
  expect(settings.get("web")).toEqual({ settings: [["work_mem", "6MB"]], isolation: undefined, statementTimeoutMs: undefined });
  expect(settings.get("nobody")).toBeUndefined();
});

test("what is configured goes before what the database says, setting by setting", () => {
  const settings = buildRoleSettings([row("work_mem", "5MB"), row("jit", "off")], { anon: { work_mem: "6MB" }, web: { jit: "on" } }, undefined);
  expect(settings.get("anon")?.settings).toEqual([["work_mem", "6MB"], ["jit", "off"]]);
  expect(settings.get("web")?.settings).toEqual([["jit", "on"]]);
});

test.for([["5s", 1_000, 1_000], ["500", 1_000, 500], ["0", 1_000, 1_000], ["0", undefined, 0], ["2s", undefined, 2_000]] as const)(
  "a statement_timeout of %s under a limit of %s is %s",
  ([value, limitMs, expected]) => {
    expect(buildRoleSettings([row("statement_timeout", value)], {}, limitMs).get("anon")?.statementTimeoutMs).toBe(expected);
  },
);

test.for([["1.5 min", 90_000], ["250us", 0], ["1d", 86_400_000], ["soon", undefined], ["-1", undefined], [undefined, undefined]] as const)("a duration of %s is %s milliseconds", ([text, expected]) => {
  expect(readTimeout(text)).toBe(expected);
});

test("a statement_timeout that is none is left for PostgreSQL to complain of", () => {
  expect(buildRoleSettings([row("statement_timeout", "soon")], {}, 100).get("anon")).toEqual({ settings: [["statement_timeout", "soon"]], isolation: undefined, statementTimeoutMs: undefined });
});

test.for(["role", "Session_Authorization", "bad name", "a';select"])("the setting %s can't be given a role", (name) => {
  expect(restConfigSchema.safeParse({ roleSettings: { anon: { [name]: "x" } } }).success).toBe(false);
});
