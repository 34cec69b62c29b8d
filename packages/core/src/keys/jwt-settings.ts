import { z } from "zod";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import type { HmacSecret } from "./hs256.ts";
import { compileRoleClaim, PLAIN_ROLE } from "./role-claim/compile-role-claim.ts";
import type { RoleClaim } from "./role-claim/role-claim.ts";

/** A project's `settings.jwt`: how its tokens are read. */
export interface JwtSettings {
  /** Where in the claims the role is: PostgREST's `jwt-role-claim-key`. Default: `$.role`. */
  readonly roleClaimKey?: string | undefined;
  /** `jwtSecret` is base64 or base64url of the secret's bytes: PostgREST's `jwt-secret-is-base64`. Default: false. */
  readonly secretIsBase64?: boolean | undefined;
  /** Tokens signed with `jwtSecret` hold, the anon key and the service role key among them. Default: true. */
  readonly secretEnabled?: boolean | undefined;
  /** Who names no role is anon. False: is refused, as by PostgREST without `db-anon-role`. Default: true. */
  readonly anonymousAccess?: boolean | undefined;
}

const roleClaim = z.string().transform((path, context): RoleClaim => {
  try {
    return compileRoleClaim(path);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

const schema = z.strictObject({
  roleClaimKey: roleClaim.default(() => PLAIN_ROLE),
  secretIsBase64: z.boolean().default(false),
  secretEnabled: z.boolean().default(true),
  anonymousAccess: z.boolean().default(true),
});

const DEFAULTS = schema.parse({});

/** @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong */
export const checkJwtSettings = (settings: unknown): void => void parse(settings);

/**
 * How a project's tokens are read.
 * @throws BackendError PLINTH_CONFIG_INVALID: a role must not be looked for in another place than was meant
 */
export function jwtSettingsOf({ settings }: { readonly settings: Readonly<Record<string, unknown>> }): z.output<typeof schema> {
  return settings["jwt"] === undefined ? DEFAULTS : parse(settings["jwt"]);
}

function parse(settings: unknown): z.output<typeof schema> {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `settings.${["jwt", ...path].join(".")}: ${message}`);
  throw new BackendError(CORE_ERRORS.configInvalid, { message: problems.join("; "), details: problems });
}

/** What a project's stored secret stands for. PostgREST takes "." for "=" as well. */
export function hmacSecretOf(project: { readonly settings: Readonly<Record<string, unknown>> }, jwtSecret: string): HmacSecret {
  return jwtSettingsOf(project).secretIsBase64 ? Buffer.from(jwtSecret.trim().replaceAll(".", "="), "base64") : jwtSecret;
}
