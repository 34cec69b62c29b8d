import type pg from "pg";
import type { KeyMaterial } from "./keys/key-material.ts";
import type { JwksSource, Project, ProjectSettings } from "./project.ts";

/** How a request reaches a project's database. */
export type ProjectDatabase =
  | {
      readonly kind: "native";
      /** Names the server, for budgets of connections. */
      readonly cluster: string;
      /** As the login role, which owns nothing and may only switch to the project's roles. */
      readonly config: pg.ClientConfig;
      /** The same through a pooler that lends connections by the transaction, where requests are to go through one. */
      readonly pooled?: pg.ClientConfig | undefined;
      /** The same on servers that follow this one, for reading. */
      readonly replicas?: readonly pg.ClientConfig[];
      /** `config` as a URL. */
      readonly url: string;
      /** One of many of Plinth's own on its server, all with the same roles. Default: false. */
      readonly sharesRoles?: boolean;
    }
  | {
      readonly kind: "embedded";
      /** What `EmbeddedInstances.acquire` takes. */
      readonly instance: string;
    };

/** All that is needed to serve a project, secrets included: never leaves the process. */
export interface ProjectRecord {
  readonly project: Project;
  /** Refs that the project had before, which tokens may still name it by. */
  readonly aliases: readonly string[];
  readonly database: ProjectDatabase;
  /** HS256. */
  readonly jwtSecret: string;
  readonly keys: KeyMaterial;
  /** What services seal secrets with that they keep in the project's database: 256 bits as base64url, made when first asked for. */
  readonly dataKey: () => Promise<string>;
  /** As stored: with secrets that the data key opens. */
  readonly settings: ProjectSettings;
  readonly jwks: JwksSource | undefined;
  /** Required `aud` of user tokens. */
  readonly jwtAudience: string | undefined;
}

/** What is stored, sealed, to reach a database. */
export type ProjectCredentials =
  | { readonly kind: "login"; readonly password: string }
  | { readonly kind: "adopted"; readonly databaseUrl: string; readonly ownerUrl: string; readonly poolerUrl?: string };
