import { createTestBackend, type TestBackend, type TestBackendOptions, urlOf } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Tables and rows that requests of PostgREST's documentation are about. */
export interface DocumentedWorld {
  readonly sql: string;
  readonly options: TestBackendOptions;
}

/** A request of anon's, and all of the answer that the documentation and PostgREST's source tell. */
export interface Exchange {
  /** `GET /films?select=title` */
  readonly ask: string;
  /** Headers to ask with. Those that write ask for `tx=rollback`: the rows are never made anew. */
  readonly with?: Readonly<Record<string, string>>;
  /** Text as it is; anything else as JSON. */
  readonly send?: unknown;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON as a value, anything else as text; undefined: none. */
  readonly body?: unknown;
}

/** A GET that is answered with 200 and JSON. */
export type Reading = readonly [path: string, body: unknown];

export const reading = ([path, body]: Reading): Exchange => ({ ask: `GET ${path}`, status: 200, body });

/** Makes the requests on native PostgreSQL and on the embedded database. */
export function documented(title: string, { sql, options }: DocumentedWorld, exchanges: readonly Exchange[]): void {
  describeDatabases(title, (databases) => {
    let backend: TestBackend | undefined;
    beforeAll(async () => {
      const databaseUrl = databases.kind === "native" ? urlOf(await databases.create()) : false;
      backend = await createTestBackend({ ...options, databaseUrl, sql });
    });
    afterAll(() => backend?.close());
    test.each(exchanges)("$ask", (exchange) => expectExchange(backend as TestBackend, exchange));
  });
}

async function expectExchange(backend: TestBackend, exchange: Exchange): Promise<void> {
  const [method, path] = exchange.ask.split(" ", 2);
  const headers = { "content-type": "application/json", ...backend.headersFor("anon"), ...exchange.with };
  const body = exchange.send === undefined || typeof exchange.send === "string" ? exchange.send : JSON.stringify(exchange.send);
  const response = await backend.fetch(`http://backend/rest/v1${path}`, { method, headers, body });
  const text = await response.text();
  expect(response.status, text).toBe(exchange.status);
  for (const [name, value] of Object.entries(exchange.headers ?? {})) expect(response.headers.get(name), name).toBe(value);
  expect(bodyOf(response, text)).toEqual(exchange.body);
}

function bodyOf(response: Response, text: string): unknown {
  if (text === "") return undefined;
  return /\bjson\b/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : text;
}
