import type { Service } from "@plinth/core";
import { type AuthLog, createAuthService } from "@plinth/auth";
import { createRestService } from "@plinth/rest";
import type { BackendConfig } from "../config/backend-config.ts";

/** What a project's database needs for them. */
export const setupOf = (services: readonly Service[]): readonly string[] => services.flatMap((service) => service.databaseSetup ?? []);

/** The settings of all of them that are secret, below their names. */
export const secretSettingsOf = (services: readonly Service[]): readonly string[] => services.flatMap(({ name, secretSettings = [] }) => secretSettings.map((path) => `${name}.${path}`));

/** Every service of a backend, as its configuration has them. */
export function createServices(config: BackendConfig): readonly Service[] {
  return [createRestService({ config: config.rest, maxBodyBytes: config.maxBodyBytes, onError: (error) => config.onError(error) }), createAuthService({ options: config.auth, log: authLog(config) })];
}

/** Where mails are shown that are not sent: without a logger, on the console. */
function authLog({ logger }: BackendConfig): AuthLog {
  if (logger) return (line, fields) => logger.info(fields, line);
  return (line, fields) => console.error(line, fields);
}
