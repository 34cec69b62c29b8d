import type { JwksSource, ProjectRoles, ProjectSettings } from "../project.ts";

/** What a project is to be, with nothing left open. */
export interface ProjectSpec {
  readonly ref: string;
  readonly name: string;
  readonly jwtSecret: string;
  readonly jwks: JwksSource | undefined;
  readonly jwtAudience: string | undefined;
  readonly roles: ProjectRoles;
  readonly settings: ProjectSettings;
}
