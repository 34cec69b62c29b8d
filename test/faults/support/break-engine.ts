import process from "node:process";
import { createTestBackend } from "@plinth/testing";

/** Has a statement break the embedded engine while nothing else keeps the process alive; prints the status of each request. */
const backend = await createTestBackend({
  sql: "create function public.deep(n int) returns json language sql as $$ select (repeat('[', n) || repeat(']', n))::json $$",
  onError: () => {},
});
for (const n of [10, 3_000_000, 11]) {
  const response = await backend.fetch("http://backend/rest/v1/rpc/deep", { method: "POST", headers: { ...backend.headersFor("service"), "content-type": "application/json" }, body: JSON.stringify({ n }) });
  const { code } = (await response.json()) as { code?: string };
  process.stdout.write(`${n} ${response.status} ${code ?? "-"}\n`);
}
await backend.close();
