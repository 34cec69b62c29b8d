import { createTransport, type Transporter } from "nodemailer";
import type { AuthConfig } from "../config/auth-options.ts";
import { AuthError } from "../auth-error.ts";
import { AUTH_ERRORS } from "../errors.ts";
import type { AuthLog } from "../auth-log.ts";

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** What the log shows where mails are not sent: the link, the code. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/** Milliseconds. */
const CONNECTION_TIMEOUT = 5_000;
const SOCKET_TIMEOUT = 10_000;

/** Sends a project's mails by its SMTP server; where it has none, the log shows them. */
export class Mailer {
  readonly #config: AuthConfig;
  readonly #log: AuthLog;
  #transport: Transporter | undefined;

  constructor(config: AuthConfig, log: AuthLog) {
    this.#config = config;
    this.#log = log;
  }

  /** @throws BackendError mail_send_failed */
  async send({ to, subject, html, text, shown }: Mail): Promise<void> {
    const { smtp } = this.#config;
    if (smtp === undefined) return this.#log("A mail, which is not sent: there is no SMTP server (auth.smtp).", { to, subject, ...shown });
    const { host, port, user, pass, secure = port === 465, adminEmail, senderName } = smtp;
    this.#transport ??= createTransport({
      host, port, secure, ...(user === undefined ? {} : { auth: { user, pass: pass ?? "" } }),
      connectionTimeout: CONNECTION_TIMEOUT, greetingTimeout: CONNECTION_TIMEOUT, socketTimeout: SOCKET_TIMEOUT,
      disableFileAccess: true, disableUrlAccess: true,
    });
    try {
      await this.#transport.sendMail({ from: { name: senderName, address: adminEmail }, to: { name: "", address: to }, subject, html, text });
    } catch (cause) {
      throw new AuthError(AUTH_ERRORS.mailFailed, { cause });
    }
  }

  close(): void {
    this.#transport?.close();
  }
}
