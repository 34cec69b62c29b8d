import type { RawResult, Scope, Statement } from "@plinth/core";
import { expect, test } from "vitest";
import { Durability } from "../src/database/durability.ts";

/** A tenant whose database answers in turn. */
function tenantThatAnswers(answers: readonly ("t" | "f" | Error)[]) {
  const asked: string[] = [];
  const execute = async (scope: Scope, [statement]: readonly Statement[]): Promise<readonly RawResult[]> => {
    const answer = answers[asked.push(`${scope.role} ${String(statement?.sql)}`) - 1]!;
    if (answer instanceof Error) throw answer;
    return [{ rows: [[answer]], command: "SELECT 1" }];
  };
  return { asked, tenant: { execute, project: { roles: { service: "service_role" } } } as unknown as ConstructorParameters<typeof Durability>[0] };
}

test.each([["t", true], ["f", false]] as const)("a database that says %s is asked once, as the service role", async (answer, durable) => {
  const { tenant, asked } = tenantThatAnswers([answer]);
  const durability = new Durability(tenant);
  expect(await Promise.all([durability.get(), durability.get()])).toEqual([durable, durable]);
  expect(await durability.get()).toBe(durable);
  expect(asked).toEqual([expect.stringMatching(/^service_role .*fsync.*synchronous_commit/)]);
});

test("where it can't be asked, the safe answer holds until it can", async () => {
  const { tenant } = tenantThatAnswers([new Error("away"), "f"]);
  const durability = new Durability(tenant);
  expect(await durability.get()).toBe(true);
  expect(await durability.get()).toBe(false);
});
