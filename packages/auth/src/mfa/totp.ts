import type { TOTP } from "otpauth";
import { AuthError } from "../auth-error.ts";
import type { AuthCall } from "../endpoint/auth-call.ts";
import { AUTH_ERRORS } from "../errors.ts";

/** What every authenticator application takes (RFC 6238, with Google Authenticator's defaults). */
const PARAMETERS = { algorithm: "SHA1", digits: 6, period: 30 } as const;
/** Steps that a clock may be off, either way. */
const WINDOW = 1;
/** Bytes: RFC 4226, 4 recommends 160 bits. */
const SECRET_BYTES = 20;

/** What secrets are sealed for. */
export const TOTP_PURPOSE = "auth.totp";
const CODE = /^\d{6}$/;

export interface NewTotp {
  /** Base32. */
  readonly secret: string;
  /** `otpauth://totp/…` */
  readonly uri: string;
  /** The URI as a QR code: SVG. */
  readonly qrCode: string;
}

export interface TotpAccount {
  /** The application's name, as the authenticator shows it. */
  readonly issuer: string;
  /** Who it is for. */
  readonly label: string;
}

/** Makes a secret to be scanned. @throws BackendError validation_failed where names are too long for a QR code */
export async function createTotp({ issuer, label }: TotpAccount): Promise<NewTotp> {
  const otpauth = await import("otpauth");
  const totp = new otpauth.TOTP({ ...PARAMETERS, issuer, label, secret: new otpauth.Secret({ size: SECRET_BYTES }) });
  const uri = totp.toString();
  return { secret: totp.secret.base32, uri, qrCode: await drawQrCode(uri) };
}

/** Clients put it into a `data:` URI as it is, where a "#" would end it: colours go by their names. */
async function drawQrCode(uri: string): Promise<string> {
  const { toString: draw } = await import("qrcode");
  try {
    const svg = await draw(uri, { type: "svg", errorCorrectionLevel: "M", margin: 4 });
    return svg.trim().replaceAll("#ffffff", "white").replaceAll("#000000", "black");
  } catch (cause) {
    throw new AuthError(AUTH_ERRORS.validationFailed, { message: "Error generating QR Code: the issuer's name is too long", cause });
  }
}

type Secrets = Pick<AuthCall, "tenant">;

export const sealTotpSecret = ({ tenant }: Secrets, secret: string): Promise<string> => tenant.secrets.seal(secret, TOTP_PURPOSE);

/**
 * Which step of time (30 seconds each, since 1970) the code is of: one by which the clock may be off.
 * @returns undefined for a wrong code
 */
export async function matchTotpStep({ tenant }: Secrets, sealed: string, code: string): Promise<number | undefined> {
  if (!CODE.test(code)) return undefined;
  const totp = await totpOf(await tenant.secrets.open(sealed, TOTP_PURPOSE));
  const timestamp = Date.now();
  const delta = totp.validate({ token: code, timestamp, window: WINDOW });
  return delta === null ? undefined : Math.floor(timestamp / 1_000 / PARAMETERS.period) + delta;
}

async function totpOf(secret: string): Promise<TOTP> {
  const otpauth = await import("otpauth");
  return new otpauth.TOTP({ ...PARAMETERS, secret: otpauth.Secret.fromBase32(secret) });
}
