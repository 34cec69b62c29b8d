import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { CreateApiKeyOptions } from "./key-store.ts";

const LONGEST_NAME = 100;
/** PostgreSQL cuts longer names off without a word. */
const LONGEST_ROLE_BYTES = 63;

const OPTION_NAMES: { readonly [K in keyof Required<CreateApiKeyOptions>]: true } = { kind: true, name: true, role: true, expiresAt: true };

/** @throws BackendError PLINTH_CONFIG_INVALID */
export function checkApiKeyOptions(options: CreateApiKeyOptions): void {
  const unknown = Object.keys(options).filter((name) => !(name in OPTION_NAMES));
  if (unknown.length > 0) throw invalid(`there is no option ${unknown.join(", ")}`);
  if (options.kind !== "publishable" && options.kind !== "secret") throw invalid('kind: must be "publishable" or "secret"');
  checkName(options.name);
  if (options.role !== undefined) checkRole(options.role);
  checkTime(options.expiresAt ?? null);
  if (options.expiresAt && options.expiresAt.getTime() <= Date.now()) throw invalid("expiresAt: must be in the future");
}

/** @throws BackendError PLINTH_CONFIG_INVALID */
export function checkName(name: string): void {
  if (typeof name !== "string" || name.trim() === "" || name.length > LONGEST_NAME || name.includes("\0")) throw invalid(`name: must have 1 to ${LONGEST_NAME} characters`);
}

/** @throws BackendError PLINTH_CONFIG_INVALID */
export function checkTime(time: Date | null): void {
  if (time !== null && !(time instanceof Date && !Number.isNaN(time.getTime()))) throw invalid("expiresAt: must be a Date or null");
}

/** "none" is no role to PostgreSQL: it takes back the switch. */
function checkRole(role: string): void {
  const isName = typeof role === "string" && role !== "" && role !== "none" && !role.includes("\0") && Buffer.byteLength(role) <= LONGEST_ROLE_BYTES;
  if (!isName) throw invalid(`role: must be the name of a role, of 1 to ${LONGEST_ROLE_BYTES} bytes`);
}

const invalid = (problem: string): BackendError => new BackendError(CORE_ERRORS.configInvalid, { message: `The options of the key are not valid: ${problem}.`, hint: null });
