import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A mail as its reader sees it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** By name in lower case; folded lines are joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly html: string;
  /** The first link of the HTML. */
  readonly link: string;
  /** The first number of six digits of the text. */
  readonly code: string;
}

export interface MailServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** The latest one to an address. @throws where there is none */
  to(address: string): ReceivedMail;
  /** Milliseconds until it takes a mail. */
  delay: number;
  /** In place of taking mails. */
  refusal: string | undefined;
  close(): Promise<void>;
}

/** A real SMTP server on the loopback. */
export async function startMailServer(): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const take = (): void => {
          if (state.refusal !== undefined) return done(Object.assign(new Error(state.refusal), { responseCode: 554 }));
          mails.push(parse(Buffer.concat(chunks).toString(), mailFrom ? mailFrom.address : "", rcptTo.map(({ address }) => address)));
          done();
        };
        setTimeout(take, state.delay);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  const state: MailServer = {
    port, mails, delay: 0, refusal: undefined,
    to: (address) => mails.findLast((mail) => mail.to.includes(address)) ?? fail(`There is no mail to ${address}, only to ${mails.flatMap(({ to }) => to).join(", ")}`),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
  return state;
}

function parse(source: string, from: string, to: readonly string[]): ReceivedMail {
  const { headers, body } = split(source);
  const boundary = /boundary="?([^";]+)"?/.exec(headers["content-type"] ?? "")?.[1];
  const parts = boundary === undefined ? [{ headers, body }] : body.split(`--${boundary}`).slice(1, -1).map((part) => split(part.replace(/^\r\n/, "")));
  const read = (type: string): string => {
    const part = parts.find(({ headers: own }) => own["content-type"]?.startsWith(type));
    return part === undefined ? "" : decode(part.body, part.headers["content-transfer-encoding"] ?? "7bit");
  };
  const [text, html] = [read("text/plain"), read("text/html")];
  return { from, to, headers, text, html, link: /href="([^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&") ?? "", code: /\b\d{6}\b/.exec(text)?.[0] ?? "" };
}

function split(source: string): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const end = source.indexOf("\r\n\r\n");
  const lines = source.slice(0, end).replaceAll(/\r\n[ \t]+/g, " ").split("\r\n");
  return { headers: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()])), body: source.slice(end + 4) };
}

function decode(body: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString();
  if (encoding !== "quoted-printable") return body;
  const bytes = body.replaceAll("=\r\n", "").replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}

function fail(message: string): never {
  throw new Error(message);
}
