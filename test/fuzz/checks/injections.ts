import { expect, test } from "vitest";
import { answerProblem } from "../support/answer-check.ts";
import type { FuzzRequest } from "../support/fuzz-request.ts";
import type { FuzzedBackend } from "../support/fuzzed-backend.ts";

/** Each would change the statement, were it read as SQL: delete rows, tell a secret, call a function that counts, or wait. */
const ATTEMPTS = [
  `'; delete from tasks; --`,
  `"; delete from tasks; --`,
  `id"; delete from tasks; --`,
  `1; delete from tasks`,
  `1) or (select fuzz.count_run('call')) > (0`,
  `' || (select secret from vault limit 1) || '`,
  `" || (select secret from vault limit 1) || "`,
  `id", (select secret from hidden.vault limit 1) as "x`,
  `id" is not null or "id`,
  `text), (select secret from vault limit 1`,
  `text) as x, (select fuzz.count_run('call')) as "y`,
  `\\' or pg_sleep(60) is null --`,
  `\\"; select pg_sleep(60); --`,
  `$1) or ($1 is not null`,
  `$$; delete from tasks; $$`,
  `E'\\x27; delete from tasks; --`,
  `{"a",'b'}'; delete from tasks; --`,
  `/* */ union select secret from vault --`,
  `U&"d\\0061ta"; delete from tasks`,
  `tasks where true; delete from tasks`,
  `pg_catalog.pg_sleep(60)`,
  `\u02bc; delete from tasks; --`,
  `\uff07; delete from tasks; --`,
] as const;

type Draft = Partial<Pick<FuzzRequest, "method" | "path" | "query" | "headers" | "body">>;

const e = encodeURIComponent;
const quoted = (text: string): string => e(`"${text.replaceAll(/["\\]/g, "\\$&")}"`);
const latin = (text: string): string => Buffer.from(text).toString("latin1");
const JSON_BODY = ["Content-Type", "application/json"] as const;
const post = (path: string, body: string, query = "", headers: FuzzRequest["headers"] = [JSON_BODY]): Draft => ({ method: "POST", path, body, query, headers });
const get = (query: string, headers: FuzzRequest["headers"] = [], path = "/tasks"): Draft => ({ path, query, headers });

/** Every place that takes text, as it is and in quotes where the grammar has quotes. */
const PLACES: Readonly<Record<string, (text: string) => Draft>> = {
  "a table": (text) => get("", [], `/${e(text)}`),
  "a routine": (text) => get("", [], `/rpc/${e(text)}`),
  "a column": (text) => get(`select=${e(text)}`),
  "a column, quoted": (text) => get(`select=${quoted(text)}`),
  "an alias": (text) => get(`select=${e(text)}:id`),
  "an alias, quoted": (text) => get(`select=${quoted(text)}:id`),
  "a cast": (text) => get(`select=id::${e(text)}`),
  "an aggregate's cast": (text) => get(`select=id.sum()::${e(text)}`),
  "an aggregate": (text) => get(`select=id.${e(text)}()`),
  "a key": (text) => get(`select=jsb->${e(text)}`, [], "/kinds"),
  "a key, quoted": (text) => get(`select=a:jsb->>${quoted(text)}`, [], "/kinds"),
  "an index": (text) => get(`select=jsb->0${e(text)}`, [], "/kinds"),
  "a key with an aggregate": (text) => get(`select=jsb->${quoted(text)}.max()::text,id`, [], "/kinds"),
  "an embed": (text) => get(`select=id,${quoted(text)}(id)`),
  "an embed's alias": (text) => get(`select=id,${quoted(text)}:projects(id)&${quoted(text)}.id=eq.1&order=${quoted(text)}(id)`),
  "an alias within an embed": (text) => get(`select=id,projects!inner(${quoted(text)}:name)&projects.order=name`),
  "a spread's alias": (text) => get(`select=id,...projects(${quoted(text)}:name)`),
  "a to-many spread's alias": (text) => get(`select=id,...tasks(${quoted(text)}:name)&tasks.order=name`, [], "/projects"),
  "an embed's hint": (text) => get(`select=id,projects!${quoted(text)}(id)`),
  "a join": (text) => get(`select=id,projects!${e(text)}(id)`),
  "a filter's column": (text) => get(`${quoted(text)}=eq.1`),
  "a filter's key": (text) => get(`jsb->>${quoted(text)}=eq.1`, [], "/kinds"),
  "a filter's operator": (text) => get(`id=${e(text)}.1`),
  "a filter's quantifier": (text) => get(`id=eq(${e(text)}).{1}`),
  ...Object.fromEntries(["eq", "neq", "gt", "like", "ilike", "match", "imatch", "isdistinct", "is", "fts", "plfts", "phfts", "wfts"].map((operator) => [`a value of ${operator}`, (text: string) => get(`name=${operator}.${e(text)}`)])),
  ...Object.fromEntries(["cs", "cd", "ov"].map((operator) => [`a value of ${operator}`, (text: string) => get(`tags=${operator}.${e(text)}`, [], "/kinds")])),
  "a value of a number": (text) => get(`id=eq.${e(text)}`),
  "a value of a range": (text) => get(`ir=adj.${e(text)}`, [], "/kinds"),
  "a value that is parsed": (text) => get(`paint=eq.${e(text)}`, [], "/kinds"),
  "values that are parsed": (text) => get(`paint=in.(${quoted(text)},ff)`, [], "/kinds"),
  "a list": (text) => get(`name=in.(${e(text)},x)`),
  "a list, quoted": (text) => get(`name=in.(${quoted(text)},"x")`),
  "any of several": (text) => get(`name=eq(any).{${quoted(text)}}`),
  "a language": (text) => get(`name=fts(${e(text)}).x`),
  "a logic tree": (text) => get(`or=(${e(text)})`),
  "a logic tree's column": (text) => get(`or=(${quoted(text)}.eq.1,id.eq.1)`),
  "a logic tree's value": (text) => get(`or=(name.eq.${quoted(text)},id.eq.1)`),
  "a logic operator": (text) => get(`${e(text)}.or=(id.eq.1)`),
  "an order": (text) => get(`order=${quoted(text)}.desc`),
  "an order's direction": (text) => get(`order=id.${e(text)}`),
  "an order's key": (text) => get(`order=jsb->${quoted(text)}`, [], "/kinds"),
  "an order's embed": (text) => get(`select=id,projects(id)&order=${quoted(text)}(id)`),
  "an embed's order": (text) => get(`select=id,projects(id)&projects.order=${quoted(text)}`),
  "a limit": (text) => get(`limit=${e(text)}`),
  "an offset": (text) => get(`offset=${e(text)}`),
  "an embed's limit": (text) => get(`select=id,projects(id)&projects.limit=${e(text)}`),
  "an argument's name": (text) => get(`${e(text)}=1`, [], "/rpc/add"),
  "an argument": (text) => get(`a=${e(text)}`, [], "/rpc/add"),
  "a text argument": (text) => get(`a=1&b=${e(text)}`, [], "/rpc/over"),
  "an array argument": (text) => get(`n=1&n=${e(text)}`, [], "/rpc/total"),
  "columns": (text) => post("/tasks", '{"name":"x"}', `columns=${quoted(text)}`),
  "columns to be defaulted": (text) => post("/tasks", '{"name":"x"}', `columns=name,${quoted(text)}`, [JSON_BODY, ["Prefer", "missing=default"]]),
  "on_conflict": (text) => post("/tasks", '{"name":"x"}', `on_conflict=${quoted(text)}`, [JSON_BODY, ["Prefer", "resolution=merge-duplicates"]]),
  "a body's key": (text) => post("/tasks", JSON.stringify({ [text]: 1 })),
  "a body's value": (text) => post("/tasks", JSON.stringify({ name: text })),
  "a body's defaulted value": (text) => post("/tasks", JSON.stringify([{ name: text, rank: 1 }]), "", [JSON_BODY, ["Prefer", "missing=default, return=representation"]]),
  "a body's number": (text) => post("/tasks", JSON.stringify({ rank: text })),
  "a body": (text) => post("/tasks", text),
  "a body of given columns": (text) => post("/tasks", text, "columns=name"),
  "a form's key": (text) => post("/tasks", `${e(text)}=1`, "", [["Content-Type", "application/x-www-form-urlencoded"]]),
  "a form's value": (text) => post("/tasks", `name=${e(text)}`, "", [["Content-Type", "application/x-www-form-urlencoded"]]),
  "a CSV header": (text) => post("/tasks", `"${text.replaceAll('"', '""')}"\n1`, "", [["Content-Type", "text/csv"]]),
  "a CSV cell": (text) => post("/tasks", `name\n"${text.replaceAll('"', '""')}"`, "", [["Content-Type", "text/csv"]]),
  "a routine's body": (text) => post("/rpc/echo_json", JSON.stringify({ [text]: text })),
  "a routine's text": (text) => post("/rpc/echo_text", text, "", [["Content-Type", "text/plain"]]),
  "a routine's bytes": (text) => post("/rpc/size", text, "", [["Content-Type", "application/octet-stream"]]),
  "a routine's argument's name": (text) => post("/rpc/add", JSON.stringify({ a: 1, [text]: 1 })),
  "a key of PUT": (text) => ({ method: "PUT", path: "/composite_keys", query: `a=eq.1&b=eq.${e(text)}`, body: JSON.stringify({ a: 1, b: text }), headers: [JSON_BODY] }),
  "an update's filter": (text) => ({ method: "PATCH", path: "/tasks", query: `name=eq.${e(text)}`, body: '{"done":true}', headers: [JSON_BODY] }),
  "an update's value": (text) => ({ method: "PATCH", path: "/tasks", query: "id=eq.1", body: JSON.stringify({ name: text }), headers: [JSON_BODY] }),
  "a deletion's filter": (text) => ({ method: "DELETE", path: "/users_tasks", query: `since=eq.${e(text)}` }),
  ...Object.fromEntries(["Prefer", "Accept", "Range", "Range-Unit", "Accept-Profile", "Cookie", "X-Own", "Origin", "Content-Type"].map((name) => [`the header ${name}`, (text: string) => get("", [[name, latin(text)]])])),
  "a time zone": (text) => get("", [["Prefer", `timezone=${latin(text)}`]]),
  "max-affected": (text) => ({ method: "DELETE", path: "/users_tasks", query: "user_id=eq.999", headers: [["Prefer", `handling=strict, max-affected=${latin(text)}`]] }),
  "a plan's options": (text) => get("", [["Accept", `application/vnd.pgrst.plan+json; options=${latin(text)}`]]),
  "a plan's type": (text) => get("", [["Accept", `application/vnd.pgrst.plan; for="${latin(text)}"`]]),
  "a profile to write to": (text) => post("/tasks", '{"name":"x"}', "", [JSON_BODY, ["Content-Profile", latin(text)]]),
};

/** Statements that a request may come to, by its method. A call is never among them: only the attempts make one. */
const MAY_RUN: Readonly<Record<string, readonly string[]>> = { POST: ["insert", "update"], PUT: ["insert", "update"], PATCH: ["update"], DELETE: ["delete"] };

const requestsOf = (draft: (text: string) => Draft, attempts: readonly string[]): FuzzRequest[] =>
  attempts.map((text) => ({ number: 0, method: "GET", path: "/tasks", query: "", headers: [], body: undefined, plain: false, ...draft(text) }));

/** @param every attempt in every place, rather than each in some */
export function testInjections(fuzzed: () => FuzzedBackend, every: boolean): void {
  test(`SQL is text in ${Object.keys(PLACES).length} places`, { timeout: 120_000 }, async () => {
    const { answer, runs, state } = fuzzed();
    const before = await state();
    const problems: string[] = [];
    let ran = await runs();
    for (const [index, [place, draft]] of Object.entries(PLACES).entries()) {
      const requests = requestsOf(draft, every ? ATTEMPTS : ATTEMPTS.filter((_attempt, number) => (number + index) % 3 === 0));
      for (const request of requests) {
        const answered = await answer(request, { Prefer: "tx=rollback" });
        const problem = answerProblem(request, answered);
        if (problem !== undefined) problems.push(`${place}: ${JSON.stringify(request)}: the answer ${problem}: ${answered.status} ${answered.body.slice(0, 300)}`);
      }
      const now = await runs();
      const extra = Object.entries(now).filter(([run, times]) => times - ran[run as keyof typeof ran] > (MAY_RUN[requests[0]?.method ?? ""]?.includes(run) === true ? requests.length : 0));
      if (extra.length > 0) problems.push(`${place}: there came of it ${extra.map(([run]) => run).join()}`);
      ran = now;
    }
    expect(problems.slice(0, 10).join("\n")).toBe("");
    expect(await state()).toBe(before);
  });

  test("SQL comes back as the text it was", async () => {
    const { backend } = fuzzed();
    for (const text of ATTEMPTS) {
      const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => (await backend.fetch(`http://backend/rest/v1/${path}`, { ...init, headers: { ...backend.headersFor({ sub: text, [text]: text }), "X-Own": latin(text), Cookie: `c=${latin(text.replaceAll(";", ","))}`, ...(init.headers as object) } })).json();
      expect(await ask("rpc/told")).toEqual({ header: text, cookie: text.replaceAll(";", ","), sub: text, role: "authenticated" });
      expect(await ask(`rpc/of_json?j=${e(JSON.stringify({ [text]: text }))}`)).toEqual({ [text]: text });
      expect(await ask("rpc/echo_text", { method: "POST", body: text, headers: { "Content-Type": "text/plain" } })).toBe(text);
      expect(await ask(`tasks?select=${quoted(text)}:id&id=eq.1`)).toEqual([{ [text]: 1 }]);
      const rows = await ask("tasks?select=name", { method: "POST", body: JSON.stringify([{ name: text }]), headers: { "Content-Type": "application/json", Prefer: "tx=rollback, return=representation" } });
      expect(rows).toEqual([{ name: text }]);
    }
  });

  test("a token's role is a name", async () => {
    const { backend } = fuzzed();
    for (const role of [...ATTEMPTS, "postgres", "pg_read_all_data", "none", "anon\"", ""]) {
      const response = await backend.fetch("http://backend/rest/v1/vault", { headers: { apikey: backend.anonKey, Authorization: `Bearer ${backend.tokenFor({ role })}` } });
      expect([role, response.status, await response.text()]).toEqual([role, expect.toSatisfy((status: number) => status === 401 || status === 403), expect.not.stringContaining("secret\":")]);
    }
  });
}
