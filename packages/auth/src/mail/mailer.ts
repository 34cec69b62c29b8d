import { checkLiteral, guardedLookup, type OutboundReach } from "@plinth/core";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Transporter } from "nodemailer";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuthConfig } from "../config/auth-options.ts";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { AuthLog } from "../auth-log.ts";
import type { RenderedMail } from "./render-mail.ts";

export interface Mail extends RenderedMail {
  readonly to: string;
  /** What the log shows where mails are not sent: the link, the code. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/** Milliseconds. */
const CONNECTION_TIMEOUT = 5_000;
const SOCKET_TIMEOUT = 10_000;
/** Of all of it. */
const TIMEOUT = 15_000;
/** So many of the latest sendings are remembered. */
const REMEMBERED = 8;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;

/** Sends a project's mails by its SMTP server; where it has none, the log shows them. */
export class Mailer {
  readonly #config: Pick<AuthConfig, "smtp">;
  readonly #log: AuthLog;
  readonly #reach: OutboundReach;
  readonly #durations: number[] = [];
  #transport: Promise<Transporter> | undefined;

  /** @param reach how far connections to the server go */
  constructor(config: Pick<AuthConfig, "smtp">, log: AuthLog, reach: OutboundReach) {
    this.#config = config;
    this.#log = log;
    this.#reach = reach;
  }

  /** @throws BackendError mail_send_failed */
  async send({ to, subject, html, text, shown }: Mail): Promise<void> {
    const { smtp } = this.#config;
    if (smtp === undefined) return this.#log("A mail, which is not sent: there is no SMTP server (auth.smtp).", { to, subject, ...shown });
    try {
      this.#transport ??= createTransport(smtp, this.#reach);
      const transport = await this.#transport;
      const sent = transport.sendMail({
        from: { name: smtp.senderName, address: smtp.adminEmail }, to: { name: "", address: to }, subject, html, text,
        // RFC 3834: nobody's out-of-office note answers.
        headers: { "Auto-Submitted": "auto-generated" },
      });
      await within(sent, TIMEOUT);
    } catch (cause) {
      throw new AuthError(AUTH_ERRORS.mailFailed, { cause });
    }
  }

  /** Remembers how long `work` takes, for `pretend`. */
  async measure<T>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await work();
    } finally {
      if (this.#durations.push(performance.now() - begun) > REMEMBERED) this.#durations.shift();
    }
  }

  /** Takes as long as one of the latest mails took, so that the time doesn't tell whether one was sent. */
  async pretend(): Promise<void> {
    const duration = this.#durations[Math.floor(Math.random() * this.#durations.length)] ?? 0;
    if (duration > 0) await sleep(duration);
  }

  close(): void {
    void this.#transport?.then((transport) => transport.close());
  }
}

async function createTransport({ host, port, user, pass, secure }: NonNullable<AuthConfig["smtp"]>, reach: OutboundReach): Promise<Transporter> {
  const nodemailer = await import("nodemailer");
  return nodemailer.createTransport({
    host, port, secure: secure ?? port === 465,
    // Undefined: its own, as for whatever the host names.
    ...(reach === "anywhere" ? {} : { getSocket: (_options: unknown, done: SocketTaker) => openSocket({ host, port }, reach).then((connection) => done(null, { connection }), done) }),
    // A password doesn't cross a network in the clear, unless the settings say `secure: false`.
    requireTLS: secure === undefined && user !== undefined && !LOOPBACK.test(host),
    ...(user === undefined ? {} : { auth: { user, pass: pass ?? "" } }),
    dnsTimeout: CONNECTION_TIMEOUT, connectionTimeout: CONNECTION_TIMEOUT, greetingTimeout: CONNECTION_TIMEOUT, socketTimeout: SOCKET_TIMEOUT,
    disableFileAccess: true, disableUrlAccess: true,
  });
}

type SocketTaker = (error: Error | null, given?: { readonly connection: Socket }) => void;

/** A connection to the addresses that were looked at. */
async function openSocket({ host, port }: { readonly host: string; readonly port: number }, reach: OutboundReach): Promise<Socket> {
  checkLiteral(reach, host);
  const socket = connect({ host, port, lookup: guardedLookup(reach), timeout: CONNECTION_TIMEOUT });
  socket.once("timeout", () => socket.destroy(new Error(`There is no connection to the mail server within ${CONNECTION_TIMEOUT} ms.`)));
  await once(socket, "connect");
  return socket.removeAllListeners("timeout").setTimeout(0);
}

/** A server that sends a byte now and then keeps no request waiting for ever. */
async function within<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const timer = new AbortController();
  const tooLong = sleep(milliseconds, undefined, { signal: timer.signal, ref: false }).then(() => Promise.reject(new Error(`The mail server has not answered within ${milliseconds} ms.`)));
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    timer.abort();
    tooLong.catch(() => undefined);
    work.catch(() => undefined);
  }
}
