import type { IncomingHttpHeaders } from "node:http";

/**
 * `Headers` over a Node request's. `get`, `has` and iteration look into Node's record; all else makes the real
 * object first. Of headers that may come once only, it has the first, as Node has: the host, its
 * middleware and the backend see the same request.
 */
export class LazyHeaders {
  readonly #record: IncomingHttpHeaders;
  #real: Headers | undefined;

  constructor(record: IncomingHttpHeaders) {
    this.#record = record;
  }

  get(name: string): string | null {
    if (this.#real !== undefined) return this.#real.get(name);
    const key = name.toLowerCase();
    // The record has Object's prototype, and HTTP/2's pseudo-headers.
    if (!Object.hasOwn(this.#record, key) || key.startsWith(":")) return null;
    const value = this.#record[key];
    return typeof value === "string" ? value : (value?.join(", ") ?? null);
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  toReal(): Headers {
    return (this.#real ??= toHeaders(this.#record));
  }

  /** In the order of names, as the Fetch Standard has it. */
  [Symbol.iterator](): HeadersIterator {
    if (this.#real !== undefined || this.#record["set-cookie"] !== undefined) return this.toReal()[Symbol.iterator]();
    return this.#pairs()[Symbol.iterator]();
  }

  #pairs(): Array<[string, string]> {
    const pairs: Array<[string, string]> = [];
    for (const name of Object.keys(this.#record).sort()) {
      const value = this.get(name);
      if (value !== null) pairs.push([name, value]);
    }
    return pairs;
  }
}

type HeadersIterator = ReturnType<Headers["entries"]>;

const REAL_METHODS = ["append", "delete", "entries", "forEach", "getSetCookie", "keys", "set", "values"];

for (const name of REAL_METHODS) {
  Object.defineProperty(LazyHeaders.prototype, name, {
    configurable: true,
    value(this: LazyHeaders, ...input: unknown[]): unknown {
      const real = this.toReal();
      return Reflect.apply(Reflect.get(real, name) as () => unknown, real, input);
    },
  });
}
Object.setPrototypeOf(LazyHeaders.prototype, Headers.prototype);

function toHeaders(record: IncomingHttpHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(record)) {
    if (value === undefined || name.startsWith(":")) continue;
    if (typeof value === "string") headers.append(name, value);
    else for (const item of value) headers.append(name, item);
  }
  return headers;
}
