import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanUpStatements } from "../../packages/auth/src/clean-up/clean-up-statements.ts";
import { readAuthConfig } from "../../packages/auth/src/config/read-auth-config.ts";
import { openAtDoor } from "./support/open-backend.ts";

const USER = "7b0c5c3e-6a4f-4d3c-8a55-0f6f0b1f7a11";
const config = readAuthConfig({ sessions: { timebox: 100, inactivityTimeout: 100 }, oauthServer: { enabled: true }, auditLog: { retention: 1_000 } });

describeDatabases("what has expired in Auth", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  beforeAll(async () => void ({ backend, close } = await openAtDoor(databases)));
  afterAll(() => close());

  test("is deleted, and nothing else", async () => {
    const age = (days: number, of: string): string => `
      insert into auth.flow_state (id, provider_type, authentication_method, created_at) values (gen_random_uuid(), '${of}', 'x', now() - interval '${days} days');
      insert into auth.sessions (id, user_id, created_at, user_agent) values (gen_random_uuid(), '${USER}', now() - interval '${days} days', '${of}');
      insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at) values (gen_random_uuid(), '${USER}', '${of}', 'totp', 'unverified', now() - interval '${days} days', now());
      insert into auth.rate_limits values ('${of}', 1, now() - interval '${days} days');
      insert into auth.audit_log_entries (id, payload, created_at) values (gen_random_uuid(), '"${of}"', now() - interval '${days} days');`;
    await backend.sql(`insert into auth.users (id, is_anonymous, created_at) values ('${USER}', true, now() - interval '90 days'); ${age(3, "old")} ${age(0, "new")}`);
    for (const statement of cleanUpStatements(config)) await backend.sql(statement);
    expect(await backend.sql(`select (select string_agg(provider_type, ',') from auth.flow_state) as flows, (select string_agg(user_agent, ',') from auth.sessions) as sessions,
      (select string_agg(friendly_name, ',') from auth.mfa_factors) as factors, (select string_agg(bucket, ',') from auth.rate_limits) as limits,
      (select string_agg(payload::text, ',') from auth.audit_log_entries) as entries, (select count(*)::int from auth.users) as users`)).toEqual([
      { flows: "new", sessions: "new", factors: "new", limits: "new", entries: '"new"', users: 1 },
    ]);
  });
});
