import { randomBytes } from "node:crypto";
import pg from "pg";
import type { RememberedKeys } from "./remembered-keys.ts";
import { type ClientFinal, clientFinal, clientFirst, isSigned, readServerFirst, scramKeys, type ScramKeys, type ServerFirst } from "./scram-sha-256.ts";

const MECHANISM = "SCRAM-SHA-256";

interface SaslMessage {
  readonly mechanisms: readonly string[];
}

interface SaslDataMessage {
  readonly data: string;
}

/**
 * The part of `pg.Client` that its types leave out. `pg` is pinned, and `test/database/scram-client.test.ts` fails when
 * any of this changes.
 */
interface ClientInside {
  readonly connection: {
    on(event: "authenticationOk", listener: () => void): unknown;
    sendSASLInitialResponseMessage(mechanism: string, response: string): void;
    sendSCRAMClientFinalMessage(response: string): void;
    emit(event: "error", error: unknown): boolean;
  };
  readonly password: unknown;
  readonly enableChannelBinding: boolean;
  /** 0: any number. */
  readonly scramMaxIterations: number;
  /** Resolves a password that is a function or in a file. */
  _getPassword(callback: () => void): void;
  _handleAuthSASL(message: SaslMessage): void;
  _handleAuthSASLContinue(message: SaslDataMessage): Promise<void>;
  _handleAuthSASLFinal(message: SaslDataMessage): void;
}

interface Exchange {
  readonly password: string;
  readonly nonce: string;
  first?: ServerFirst;
  keys?: ScramKeys;
  final?: ClientFinal;
}

const inherited = pg.Client.prototype as unknown as ClientInside;

/**
 * A `pg.Client` that does SCRAM-SHA-256 (RFC 5802, RFC 7677) with `node:crypto`, and the expensive part of it once for
 * each login. `pg`'s own takes Web Cryptography and a dozen turns of the thread pool for each connection. It is left
 * what isn't the plain case: channel binding, where that is asked for, and passwords that SASLprep may change.
 */
export class ScramClient extends pg.Client {
  readonly #remembered: RememberedKeys;
  #exchange: Exchange | undefined;

  constructor(config: pg.ClientConfig, remembered: RememberedKeys) {
    super(config);
    this.#remembered = remembered;
    // In place of its signature.
    this.#inside.connection.on("authenticationOk", () => this.#exchange && this.#refuse());
  }

  get #inside(): ClientInside {
    return this as unknown as ClientInside;
  }

  _handleAuthSASL(message: SaslMessage): void {
    const client = this.#inside;
    if (client.enableChannelBinding || !message.mechanisms.includes(MECHANISM)) return inherited._handleAuthSASL.call(client, message);
    client._getPassword(() => {
      const { password } = client;
      if (typeof password !== "string" || !isPlain(password)) return inherited._handleAuthSASL.call(client, message);
      const nonce = randomBytes(18).toString("base64");
      this.#exchange = { password, nonce };
      client.connection.sendSASLInitialResponseMessage(MECHANISM, clientFirst(nonce));
    });
  }

  async _handleAuthSASLContinue(message: SaslDataMessage): Promise<void> {
    const exchange = this.#exchange;
    if (exchange === undefined) return inherited._handleAuthSASLContinue.call(this.#inside, message);
    try {
      const first = this.#serverFirst(exchange, message.data);
      // Synchronous where the login is known: no turn of the event loop, let alone of the thread pool.
      const keys = this.#remembered.get(exchange.password, first) ?? (await scramKeys(exchange.password, first));
      const final = clientFinal(exchange.nonce, message.data, first, keys);
      Object.assign(exchange, { first, keys, final });
      this.#inside.connection.sendSCRAMClientFinalMessage(final.message);
    } catch (error) {
      this.#inside.connection.emit("error", error);
    }
  }

  _handleAuthSASLFinal(message: SaslDataMessage): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return inherited._handleAuthSASLFinal.call(this.#inside, message);
    this.#exchange = undefined;
    const { password, first, keys, final } = exchange;
    if (first === undefined || keys === undefined || final === undefined || !isSigned(message.data, final)) return this.#refuse();
    this.#remembered.set(password, first, keys);
  }

  #refuse(): void {
    this.#inside.connection.emit("error", new Error("SASL: the server has not shown that it knows the password."));
  }

  #serverFirst({ nonce }: Exchange, message: string): ServerFirst {
    const first = readServerFirst(message);
    if (first === undefined) throw new Error("SASL: the server's first message is not one of SCRAM.");
    if (!first.nonce.startsWith(nonce) || first.nonce.length === nonce.length) throw new Error("SASL: the server's nonce doesn't go on from the client's.");
    const { scramMaxIterations } = this.#inside;
    if (scramMaxIterations !== 0 && first.iterations > scramMaxIterations) throw new Error(`SASL: the server asks for ${first.iterations} rounds, more than scramMaxIterations.`);
    return first;
  }
}

/** SASLprep (RFC 4013) leaves printable ASCII as it is. */
const isPlain = (password: string): boolean => /^[\x20-\x7e]+$/.test(password);
