import { signToken } from "plinth";
import { JWT_SECRET, ownerId } from "./settings.ts";

export interface BenchRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

const OWNERS = Array.from({ length: 20 }, (_, i) => 37 + i * 91);
const JSON_TYPE = { "content-type": "application/json" };

function as(owner: number): Record<string, string> {
  const token = signToken({ sub: ownerId(owner), role: "authenticated", exp: Math.floor(Date.now() / 1000) + 86_400 }, JWT_SECRET);
  return { authorization: `Bearer ${token}` };
}

/** Each case is a list of requests, sent in turn. Owner k has the notes k, k + 2000, k + 4000, … */
export function benchCases(): Readonly<Record<string, readonly BenchRequest[]>> {
  const each = (make: (owner: number) => Omit<BenchRequest, "headers"> & { headers?: Record<string, string> }): BenchRequest[] =>
    OWNERS.map((owner) => {
      const request = make(owner);
      return { ...request, headers: { ...as(owner), ...request.headers } };
    });
  return {
    "by key": each((owner) => ({ method: "GET", path: `/note?id=eq.${owner + 6000}` })),
    "list of 25": each(() => ({ method: "GET", path: "/note?select=id,title,body,created_at&id=gt.20000&order=created_at.desc&limit=25" })),
    "embed of 3": each(() => ({ method: "GET", path: "/note?select=id,title,comment(id,text)&id=gt.20000&order=id&limit=25" })),
    insert: each((owner) => ({
      method: "POST",
      path: "/note",
      headers: { ...JSON_TYPE, prefer: "return=representation" },
      body: JSON.stringify({ owner: ownerId(owner), title: "inserted", body: { a: 1, text: "n".repeat(40) } }),
    })),
    rpc: each(() => ({ method: "POST", path: "/rpc/note_stats", headers: JSON_TYPE, body: '{"min_id":50000}' })),
  };
}
