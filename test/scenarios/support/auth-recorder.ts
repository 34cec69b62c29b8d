import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import type { SupabaseClient } from "@supabase/supabase-js";

type Auth = SupabaseClient["auth"];

/** Hears of what clients are asked for. */
export interface AuthRecorder {
  /** What succeeded so far: "signUp", "mfa.enroll", "admin.createUser". */
  readonly succeeded: ReadonlySet<string>;
  /** The same, heard. */
  record(auth: Auth): Auth;
}

/** Objects that have methods of their own. */
const APIS: ReadonlySet<string> = new Set(["mfa", "mfa.webauthn", "passkey", "oauth", "admin", "admin.mfa", "admin.passkey", "admin.oauth", "admin.customProviders"]);

export function createAuthRecorder(): AuthRecorder {
  const succeeded = new Set<string>();
  const recordApi = <T extends object>(api: T, prefix: string): T =>
    new Proxy(api, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        const name = `${prefix}${String(key)}`;
        if (APIS.has(name)) return recordApi(value as object, `${name}.`);
        return typeof value === "function" ? recordMethod(value.bind(target) as Method, () => void succeeded.add(name)) : value;
      },
    });
  return { succeeded, record: (auth) => recordApi(auth, "") };
}

type Method = (...parameters: unknown[]) => unknown;

/** Of those that say so: without an error. */
const recordMethod = (method: Method, onSuccess: () => void): Method => (...parameters) => {
  const result = method(...parameters);
  void Promise.resolve(result).then((answer) => {
    if (((answer ?? {}) as { error?: unknown }).error == null) onSuccess();
  }, () => undefined);
  return result;
};

/**
 * Every method that an application may call, as the installed auth-js has them.
 * Without `mfa.recoveryCodes`, which it hides: Supabase's own server has no such endpoints.
 */
export async function publicMethods(auth: Auth): Promise<readonly string[]> {
  const hidden = await privateNames();
  const api = (name: string): object => name.split(".").reduce<object>((at, part) => Reflect.get(at, part) as object, auth);
  const own = [...APIS].flatMap((name) => methodsOf(api(name)).map((method) => `${name}.${method}`));
  return [...methodsOf(auth).filter((name) => !hidden.has(name)), ...own.filter((name) => name !== "admin.fetch")].toSorted();
}

/** Those of a class, and those that are set on an object. */
function methodsOf(api: object): string[] {
  const names = new Set<string>();
  for (let at = api; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  return [...names].filter((name) => !name.startsWith("_") && name !== "constructor" && typeof Reflect.get(api, name) === "function");
}

/** What TypeScript keeps from callers, and JavaScript doesn't. */
async function privateNames(): Promise<ReadonlySet<string>> {
  const folder = path.dirname(createRequire(import.meta.url).resolve("@supabase/auth-js"));
  const declarations = await readFile(path.join(folder, "GoTrueClient.d.ts"), "utf8");
  return new Set([...declarations.matchAll(/^ {4}(?:private|protected) (\w+)/gm)].map(([, name]) => name!));
}
