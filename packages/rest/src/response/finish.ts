import type { ReplyHeaders } from "@plinth/core";
import { type LegacyTargetName, legacyWarnings } from "./legacy-warnings.ts";
import type { ActionPlan } from "../plan/action-plan.ts";
import type { Answer } from "./answer.ts";
import { headerBytes } from "./header-value.ts";
import { respond } from "./respond.ts";
import type { ResponseContext } from "./response-context.ts";

/** What every response of the service ends with: Vary, Warning, Server-Timing. */
export function finish(plan: ActionPlan, status: number, headers: ReplyHeaders, body: Answer["body"], { config, timing }: ResponseContext): Response {
  const complete = { ...headers };
  if (!hasVary(headers)) complete.Vary = "Accept, Prefer, Range";
  const warnings = config.urlUseLegacyTargetNames ? legacyWarnings(plan) : [];
  if (warnings.length > 0) complete.Warning = legacyWarning(warnings);
  timing.mark("response");
  if (config.serverTimingEnabled) complete["Server-Timing"] = timing.toHeader();
  return respond(status, complete, body);
}

const hasVary = (headers: ReplyHeaders): boolean => "Vary" in headers || Object.keys(headers).some((name) => name.toLowerCase() === "vary");

const LEGACY_TARGET =
  "Embedded resource was referenced by relation name even though it has an alias. This is deprecated and will stop working in a future release.";

/** RFC 7234, 5.5: code, who warns, and what about. */
function legacyWarning(warnings: readonly LegacyTargetName[]): string {
  const updates = warnings.map(({ relationName, alias }) => `\`${relationName}\` to \`${alias}\``).join(", ");
  return headerBytes(`299 ${WARNING_AGENT} "${LEGACY_TARGET} Update ${updates} in query string filters, orders or limits."`);
}

/** The API spoken here, by the name and major version that its documentation gives. */
const WARNING_AGENT = "PostgRESTv16";
