import type { TestBackend, TestDatabases } from "@plinth/testing";
import { CompiledQuery } from "kysely";
import { restConfigSchema } from "../../../packages/rest/src/config/rest-options.ts";
import { loadSchemaSnapshot } from "../../../packages/rest/src/schema-cache/load-schema-snapshot.ts";
import { openNativeOrEmbedded } from "../../scenarios/support/open-backend.ts";
import type { Answer } from "./answer-check.ts";
import { REST_OPTIONS } from "./fuzz-options.ts";
import type { FuzzRequest } from "./fuzz-request.ts";
import { FUZZ_SCHEMA, RESTORE, type Runs, RUNS_QUERY, STATE_QUERY } from "./fuzz-schema.ts";
import { type Vocabulary, vocabularyOf } from "./vocabulary.ts";

export interface FuzzedBackend {
  readonly backend: TestBackend;
  readonly vocabulary: Vocabulary;
  /** @param more headers, before the request's own of the same name */
  answer(request: FuzzRequest, more?: Readonly<Record<string, string>>): Promise<Answer>;
  /** As the owner. */
  query<Row>(sql: string): Promise<readonly Row[]>;
  runs(): Promise<Runs>;
  state(): Promise<string>;
  /** Puts all rows back. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

/** In milliseconds. Nothing that the schema has needs as long. */
const STATEMENT_TIMEOUT = 5_000;

export async function openFuzzed(databases: TestDatabases): Promise<FuzzedBackend> {
  const { backend, close } = await openNativeOrEmbedded(databases, {
    sql: FUZZ_SCHEMA, statementTimeoutMs: STATEMENT_TIMEOUT, onError: () => undefined, rest: { ...REST_OPTIONS, maxRows: 1_000 }, pool: { maxConnectionsPerProject: 4 },
  });
  const config = restConfigSchema.parse(REST_OPTIONS);
  const tenant = await backend.tenant();
  const { cache } = await loadSchemaSnapshot((statement) => tenant.catalog(statement), config);
  const owner = await backend.ownerDatabase();
  const query = async <Row>(sql: string): Promise<readonly Row[]> => (await owner.db.executeQuery<Row>(CompiledQuery.raw(sql))).rows;
  return {
    backend,
    vocabulary: vocabularyOf(cache, "public"),
    answer: (request, more) => send(backend, request, more),
    query,
    runs: async () => Object.fromEntries(Object.entries((await query<Runs>(RUNS_QUERY))[0] ?? {}).map(([run, count]) => [run, Number(count)])) as Runs,
    state: async () => (await query<{ state: string }>(STATE_QUERY))[0]?.state ?? "",
    restore: () => owner.script(RESTORE),
    close: async () => {
      await owner.release();
      await close();
    },
  };
}

async function send(backend: TestBackend, { method, path, query, headers, body }: FuzzRequest, more: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const sent = new Headers({ ...backend.headersFor("anon"), ...more });
  for (const [name, value] of headers) sent.append(name, value);
  const hasBody = body !== undefined && !/^(?:get|head)$/i.test(method);
  // Of a text, undici would say that it is text/plain.
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const url = `http://backend/rest/v1${path}${query === "" ? "" : `?${query}`}`;
  const started = performance.now();
  const response = await backend.fetch(new Request(url, { method, headers: sent, ...(hasBody ? { body: bytes as Uint8Array<ArrayBuffer> } : {}) }));
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text, took: performance.now() - started };
}
