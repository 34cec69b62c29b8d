import { monitorEventLoopDelay } from "node:perf_hooks";
import { createTestBackend } from "@plinth/testing";
import { median } from "../rest/measure.ts";

// node --conditions=plinth-source bench/auth/run.ts [postgres://…]
// In process: sign-ins with passwords at their usual cost and what they do to the event loop; and reading the token's user
// against a read of one row with the same token, which is the floor: one round trip each.

const [databaseUrl] = process.argv.slice(2);
/** Of each measurement; of what is compared there are several, in turns, and the median counts. */
const SECONDS = 2;
const ROUNDS = 5;
const PARALLEL = 16;

await using backend = await createTestBackend({
  ...(databaseUrl === undefined ? {} : { databaseUrl }),
  auth: { mailer: { autoconfirm: true } },
  sql: "create table notes (id int primary key); insert into notes values (1); alter table notes enable row level security; create policy all_of_it on notes for select to authenticated using (true); grant select on notes to authenticated",
});
const headers = { apikey: backend.anonKey, "content-type": "application/json" };
const body = JSON.stringify({ email: "ann@example.com", password: "correct horse battery" });
const signed = await backend.fetch("http://backend/auth/v1/signup", { method: "POST", headers, body });
const { access_token: token } = (await signed.json()) as { access_token: string };
const asUser = { headers: { ...headers, authorization: `Bearer ${token}` } };

/** Requests a second, this many at a time. */
async function rate(work: () => Promise<Response>): Promise<number> {
  let done = 0;
  const end = performance.now() + SECONDS * 1_000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const response = await work();
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      await response.text();
      done++;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return done / SECONDS;
}

const getUser = () => backend.fetch("http://backend/auth/v1/user", asUser);
const readRow = () => backend.fetch("http://backend/rest/v1/notes?select=id", asUser);
const signIn = () => backend.fetch("http://backend/auth/v1/token?grant_type=password", { method: "POST", headers, body });

/** Requests a second of both, and the medians' ratio. */
async function compare(floor: () => Promise<Response>, own: () => Promise<Response>): Promise<readonly [floor: number, own: number, ratio: string]> {
  await rate(floor);
  await rate(own);
  const rates: [number, number][] = [];
  for (let round = 0; round < ROUNDS; round++) rates.push([await rate(floor), await rate(own)]);
  const [floors, owns] = [median(rates.map(([each]) => each)), median(rates.map(([, each]) => each))];
  return [Math.round(floors), Math.round(owns), (owns / floors).toFixed(2)];
}

const [reads, users, ratio] = await compare(readRow, getUser);
console.log(`read of one row: ${reads} a second; getUser: ${users} a second; ratio ${ratio}`);

// A handler of the host's that reads a row, and the same that knows its user.
const tenant = await backend.tenant();
const shown = new Request("http://backend/page", { headers: { authorization: `Bearer ${token}` } });
const readNotes = async (): Promise<Response> => Response.json(await tenant.transaction({ role: "authenticated", claims: { sub: "7b0c5c3e-6a4f-4d3c-8a55-0f6f0b1f7a11" } }, (db) => db.selectFrom("notes").selectAll().execute()));
const readNotesAsUser = async (): Promise<Response> => ((await tenant.auth.getUser(shown)) === undefined ? new Response(null, { status: 401 }) : readNotes());
const [bare, known, share] = await compare(readNotes, readNotesAsUser);
console.log(`a host's handler: ${bare} a second; with tenant.auth.getUser: ${known} a second; ratio ${share}`);

const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();
const signIns = await rate(signIn);
delays.disable();
console.log(`sign-ins: ${signIns.toFixed(1)} a second, ${PARALLEL} at a time; event loop delay p99 ${(delays.percentile(99) / 1e6).toFixed(1)} ms, max ${(delays.max / 1e6).toFixed(1)} ms`);
