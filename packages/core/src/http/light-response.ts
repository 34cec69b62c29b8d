import { Readable } from "node:stream";

/** Node's streams reach a Node host as they are, where a web stream would copy every chunk. */
export type ReplyBody = string | Uint8Array | ReadableStream<Uint8Array> | Readable | null;

/** Names as they go on the wire; a list is sent as that many lines. */
export type ReplyHeaders = Record<string, string | string[]>;

/** All that an adapter needs to write a response, without parsing anything. */
export interface LightParts {
  readonly status: number;
  readonly headers: Readonly<ReplyHeaders>;
  readonly body: ReplyBody;
}

/** `Symbol.for`, so that two copies of this package in one process know each other's responses. */
const PARTS = Symbol.for("plinth.response.parts");
const REAL = Symbol.for("plinth.response.real");
const SET = Symbol.for("plinth.response.set");

/**
 * A record that passes for a Response and becomes one when somebody needs more than its status,
 * headers or body. `Response.prototype` is put behind its own below, so `instanceof` holds.
 */
export class LightResponse {
  readonly status: number;
  readonly #body: ReplyBody;
  readonly #record: ReplyHeaders;
  #headers: Headers | undefined;
  #real: Response | undefined;

  constructor(body: ReplyBody, status: number, headers: ReplyHeaders) {
    this.status = status;
    // It may fail before anybody reads it; who reads it then is told.
    if (body instanceof Readable) body.on("error", ignore);
    this.#body = body;
    this.#record = headers;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** Made on the first look; from then on the truth, as whoever holds it may change it. */
  get headers(): Headers {
    return this.#real?.headers ?? (this.#headers ??= toHeaders(this.#record));
  }

  [SET](name: string, value: string | string[]): void {
    if (this.#headers === undefined && this.#real === undefined) {
      removeHeader(this.#record, name);
      this.#record[name] = value;
    } else {
      setOn(this.headers, name, value);
    }
  }

  get [PARTS](): LightParts | undefined {
    if (this.#real !== undefined) return undefined;
    const headers = this.#headers === undefined ? this.#record : headersToRecord(this.#headers);
    return { status: this.status, headers, body: this.#body };
  }

  [REAL](): Response {
    return (this.#real ??= new Response(webBody(this.#body), { status: this.status, headers: this.headers }));
  }
}

const ignore = (): void => undefined;

const webBody = (body: ReplyBody): ConstructorParameters<typeof Response>[0] => (body instanceof Readable ? Readable.toWeb(body) : body) as ConstructorParameters<typeof Response>[0];

const REAL_GETTERS = ["body", "bodyUsed", "redirected", "statusText", "type", "url"];
const REAL_METHODS = ["arrayBuffer", "blob", "bytes", "clone", "formData", "json", "text"];

for (const name of REAL_GETTERS) {
  Object.defineProperty(LightResponse.prototype, name, {
    configurable: true,
    get(this: LightResponse): unknown {
      return Reflect.get(this[REAL](), name);
    },
  });
}
for (const name of REAL_METHODS) {
  Object.defineProperty(LightResponse.prototype, name, {
    configurable: true,
    value(this: LightResponse): unknown {
      const real = this[REAL]();
      return Reflect.apply(Reflect.get(real, name) as () => unknown, real, []);
    },
  });
}
Object.setPrototypeOf(LightResponse.prototype, Response.prototype);

/** The parts of a response made by `reply()`; undefined for any other, and once its body was handed out. */
export function lightParts(response: Response): LightParts | undefined {
  return (response as { [PARTS]?: LightParts })[PARTS];
}

/** The genuine Response behind one made by `reply()`; any other is returned as it is. */
export function toRealResponse(response: Response): Response {
  return (response as { [REAL]?: () => Response })[REAL]?.() ?? response;
}

/**
 * Sets a header (replacing what it was), cheaply where the response was made by `reply()`.
 * Returns a copy where the response's own headers may not be changed, as with `Response.redirect()`.
 */
export function withHeader(response: Response, name: string, value: string | string[]): Response {
  const set = (response as { [SET]?: (name: string, value: string | string[]) => void })[SET];
  if (set !== undefined) {
    set.call(response, name, value);
    return response;
  }
  try {
    setOn(response.headers, name, value);
    return response;
  } catch {
    const copy = new Response(response.body, response);
    setOn(copy.headers, name, value);
    return copy;
  }
}

function setOn(headers: Headers, name: string, value: string | string[]): void {
  if (typeof value === "string") return headers.set(name, value);
  headers.delete(name);
  for (const item of value) headers.append(name, item);
}

function removeHeader(headers: ReplyHeaders, name: string): void {
  const lower = name.toLowerCase();
  for (const key in headers) if (key.length === lower.length && key.toLowerCase() === lower) delete headers[key];
}

function toHeaders(record: ReplyHeaders): Headers {
  const headers = new Headers();
  for (const name in record) {
    const value = record[name]!;
    if (typeof value === "string") headers.append(name, value);
    else for (const item of value) headers.append(name, item);
  }
  return headers;
}

/** `Set-Cookie` is the one header whose values can't be joined with commas (RFC 9110, 5.3). */
export function headersToRecord(headers: Headers): ReplyHeaders {
  const record: ReplyHeaders = Object.fromEntries(headers);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) record["set-cookie"] = cookies;
  return record;
}
