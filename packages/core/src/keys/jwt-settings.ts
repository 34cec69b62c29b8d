import { z } from "zod";
import { BackendError } from "../errors/backend-error.ts";
import { CORE_ERRORS } from "../errors/errors.ts";
import { compileRoleClaim, PLAIN_ROLE, type RoleClaim } from "./role-claim/role-claim.ts";

/** A project's `settings.jwt`: how its tokens are read. */
export interface JwtSettings {
  /** Where in the claims the role is: PostgREST's `jwt-role-claim-key`. Default: `$.role`. */
  readonly roleClaimKey?: string | undefined;
}

const roleClaim = z.string().transform((path, context): RoleClaim => {
  try {
    return compileRoleClaim(path);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

const schema = z.strictObject({ roleClaimKey: roleClaim.optional() });

/** @throws BackendError PLINTH_CONFIG_INVALID naming each setting that is wrong */
export function checkJwtSettings(settings: unknown): void {
  const parsed = schema.safeParse(settings);
  if (parsed.success) return;
  const problems = parsed.error.issues.map(({ path, message }) => `settings.${["jwt", ...path].join(".")}: ${message}`);
  throw new BackendError(CORE_ERRORS.configInvalid, { message: problems.join("; "), details: problems });
}

/**
 * Where a project's tokens have their role.
 * @throws BackendError PLINTH_CONFIG_INVALID: a role must not be looked for in another place than was meant
 */
export function roleClaimOf({ settings }: { readonly settings: Readonly<Record<string, unknown>> }): RoleClaim {
  const given = settings["jwt"];
  if (given === undefined) return PLAIN_ROLE;
  checkJwtSettings(given);
  return schema.parse(given).roleClaimKey ?? PLAIN_ROLE;
}
