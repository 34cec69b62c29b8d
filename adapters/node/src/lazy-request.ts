import { ACCEPTS_LIGHT, MOUNT_PATH, READ_BODY, readBytes, REMOTE_ADDRESS } from "@plinth/core";
import type { AddressedRequest, DirectBody, MountedRequest } from "@plinth/core";
import { collectIncoming, streamIncoming } from "./incoming-body.ts";
import { LazyHeaders } from "./lazy-headers.ts";
import type { NodeRequest, NodeResponse } from "./node-message.ts";
import { hostsMountPath } from "./hosts-mount-path.ts";
import { wasRead } from "./parsed-body.ts";
import { clientSignal } from "./request-signal.ts";

const TO_REAL = Symbol.for("plinth.request.real");

/**
 * A Node request that passes for a Request. What is cheap comes from Node's objects; a genuine
 * Request is made for the rest (`body`, `clone()`, `formData()`, …), and is then the truth.
 * `Request.prototype` is put behind its own below, so `instanceof` holds.
 */
export class LazyRequest implements AddressedRequest, DirectBody, MountedRequest {
  readonly method: string;
  readonly #incoming: NodeRequest;
  readonly #outgoing: NodeResponse;
  readonly #toUrl: () => string;
  readonly #basePath: string;
  #url: string | undefined;
  #headers: LazyHeaders | undefined;
  #signal: AbortSignal | undefined;
  #real: Request | undefined;
  #used = false;

  /** @param basePath what `toUrl` leaves out of the path that the host gives */
  constructor(incoming: NodeRequest, outgoing: NodeResponse, toUrl: () => string, basePath = "") {
    this.method = incoming.method ?? "GET";
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#toUrl = toUrl;
    this.#basePath = basePath;
  }

  get [ACCEPTS_LIGHT](): true {
    return true;
  }

  get [MOUNT_PATH](): string {
    return hostsMountPath(this.#incoming) + this.#basePath;
  }

  /** As the host knows it, which may trust a proxy (Express: `trust proxy`); else the socket's. */
  get [REMOTE_ADDRESS](): string | undefined {
    return (this.#incoming as { readonly ip?: string }).ip ?? this.#incoming.socket?.remoteAddress;
  }

  get url(): string {
    return (this.#url ??= this.#toUrl());
  }

  get headers(): Headers {
    return this.#real?.headers ?? (this.#lazyHeaders() as unknown as Headers);
  }

  get signal(): AbortSignal {
    return (this.#signal ??= clientSignal(this.#outgoing));
  }

  get bodyUsed(): boolean {
    return this.#used || this.#real?.bodyUsed === true;
  }

  async text(): Promise<string> {
    return this.#real === undefined ? decode(await this.#collect()) : this[TO_REAL]().text();
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.arrayBuffer());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    // A copy: Node's buffers share their memory with others.
    return this.#real === undefined ? new Uint8Array(await this.#collect()).buffer : this[TO_REAL]().arrayBuffer();
  }

  async [READ_BODY](maxBytes: number): Promise<Uint8Array> {
    return this.#real === undefined ? this.#collect(maxBytes) : readBytes(this.#real, { maxBytes });
  }

  [TO_REAL](): Request {
    return (this.#real ??= new Request(this.url, {
      method: this.method,
      headers: this.#realHeaders(),
      signal: this.signal,
      body: this.#used ? null : streamIncoming(this.#incoming, this.#outgoing),
      duplex: "half",
    }));
  }

  assertUnused(): void {
    if (this.#used) throw new TypeError("Body is unusable: Body has already been read");
  }

  async #collect(maxBytes = Infinity): Promise<Buffer> {
    this.assertUnused();
    this.#used = true;
    return collectIncoming(this.#incoming, maxBytes);
  }

  #lazyHeaders(): LazyHeaders {
    return (this.#headers ??= new LazyHeaders(this.#incoming.headers));
  }

  /** What the host has parsed is written anew, so what described the original doesn't fit any more. */
  #realHeaders(): Headers {
    const headers = this.#lazyHeaders().toReal();
    if (!wasRead(this.#incoming)) return headers;
    const rewritten = new Headers(headers);
    for (const name of ["content-encoding", "content-length", "transfer-encoding"]) rewritten.delete(name);
    return rewritten;
  }
}

const REAL_GETTERS = ["body", "cache", "credentials", "destination", "duplex", "integrity", "isHistoryNavigation", "isReloadNavigation", "keepalive", "mode", "redirect", "referrer", "referrerPolicy"];
const REAL_METHODS = ["blob", "clone", "formData"];

for (const name of REAL_GETTERS) {
  Object.defineProperty(LazyRequest.prototype, name, {
    configurable: true,
    get(this: LazyRequest): unknown {
      return Reflect.get(this[TO_REAL](), name);
    },
  });
}
for (const name of REAL_METHODS) {
  Object.defineProperty(LazyRequest.prototype, name, {
    configurable: true,
    value(this: LazyRequest): unknown {
      this.assertUnused();
      const real = this[TO_REAL]();
      return Reflect.apply(Reflect.get(real, name) as () => unknown, real, []);
    },
  });
}
Object.setPrototypeOf(LazyRequest.prototype, Request.prototype);

/**
 * The genuine Request behind one of this adapter's; any other is returned as it is. For what looks
 * into a Request's internal slots: `fetch(toRealRequest(request))`, `new Request(toRealRequest(request))`.
 */
export function toRealRequest(request: Request): Request {
  return (request as { [TO_REAL]?: () => Request })[TO_REAL]?.() ?? request;
}

/** As the Fetch Standard decodes: UTF-8, a byte order mark dropped. */
function decode(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.charCodeAt(0) === 0xfe_ff ? text.slice(1) : text;
}
