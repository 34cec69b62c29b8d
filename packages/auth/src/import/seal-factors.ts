import type { TenantSecrets } from "@plinth/core";
import { TOTP_PURPOSE } from "../mfa/totp.ts";
import type { ImportProblem } from "./import-result.ts";
import type { SourceUser } from "./user-source.ts";

export interface SealedFactor {
  readonly id: string;
  readonly userId: string;
  /** JSON, with its secret sealed. */
  readonly row: string;
}

const BASE32 = /^[A-Z2-7]+=*$/i;

export const isTotpSecret = (secret: string): boolean => BASE32.test(secret);

/** The users' factors as this service keeps them. Those that can't be read are problems. */
export async function sealFactors(secrets: TenantSecrets, users: readonly SourceUser[]): Promise<{ readonly sealed: readonly SealedFactor[]; readonly problems: readonly ImportProblem[] }> {
  const sealed: SealedFactor[] = [];
  const problems: ImportProblem[] = [];
  for (const user of users) {
    for (const { id, type, secret, row } of user.factors) {
      if (type !== "totp") sealed.push({ id, userId: user.id, row });
      else if (secret !== null && isTotpSecret(secret)) sealed.push({ id, userId: user.id, row: withSecret(row, await secrets.seal(secret, TOTP_PURPOSE)) });
      else problems.push({ userId: user.id, email: user.email, code: "totp_secret_unreadable", message: "The secret of a second factor can't be read: the user has one factor less" });
    }
  }
  return { sealed, problems };
}

/** The row is an object with fields. */
const withSecret = (row: string, secret: string): string => `${row.slice(0, row.lastIndexOf("}"))}, "secret": ${JSON.stringify(secret)}}`;
