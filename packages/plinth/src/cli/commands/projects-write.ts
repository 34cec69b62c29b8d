import { backendCommand } from "../backend-command.ts";
import { UsageError } from "../command-error.ts";
import { type FlagValues, json, text, toggle } from "../flags.ts";
import { defined } from "./defined.ts";
import { describeProject } from "./describe-project.ts";

const SETTINGS = json("JSON", 'Settings by service, in place of all that there are: \'{"rest": {"maxRows": 100}}\'');

export const createProject = backendCommand({
  summary: "Make a project with a database of its own, or adopt a database",
  arguments: [{ name: "REF" }],
  flags: {
    name: text("TEXT", "A name for people (default: the ref)"),
    cluster: text("NAME", "Database server to make it on (default: what the placement chooses)"),
    settings: SETTINGS,
    jwtSecret: text("SECRET", "HS256 secret of its tokens, 32 characters at least (default: made by random)"),
    jwtAudience: text("AUDIENCE", "Audience that users' tokens must have"),
    jwksUrl: text("URL", "Key set by which tokens of another issuer are verified"),
    adopt: text("URL", "Adopt this existing database instead of making one"),
    ownerUrl: text("URL", "With --adopt: the database as its owner, for migrations"),
  },
  async run(backend, [ref = ""], { adopt, jwksUrl, ...options }) {
    const { name, cluster, settings, jwtSecret, jwtAudience, ownerUrl } = options;
    const jwks = jwksUrl === undefined ? undefined : { url: jwksUrl };
    const project = await backend.projects.create({ ref, ...defined({ name, cluster, settings, jwtSecret, jwtAudience, ownerUrl, databaseUrl: adopt, jwks }) });
    return { json: project, text: describeProject(project) };
  },
});

const CHANGES = {
  name: text("TEXT", "A name for people"),
  settings: SETTINGS,
  jwtAudience: text("AUDIENCE", "Audience that users' tokens must have"),
  anyJwtAudience: toggle("Take tokens of any audience"),
  jwksUrl: text("URL", "Key set by which tokens of another issuer are verified"),
  noJwks: toggle("Take no other issuer's tokens"),
};

function changesOf({ name, settings, jwtAudience, anyJwtAudience, jwksUrl, noJwks }: FlagValues<typeof CHANGES>) {
  return defined({
    name,
    settings,
    jwtAudience: anyJwtAudience ? null : jwtAudience,
    jwks: noJwks ? null : jwksUrl === undefined ? undefined : { url: jwksUrl },
  });
}

export const updateProject = backendCommand({
  summary: "Change a project's name, settings or token verification",
  arguments: [{ name: "REF" }],
  flags: CHANGES,
  check: (flags) => {
    if (Object.keys(changesOf(flags)).length === 0) throw new UsageError('nothing to change is named.\nSee "plinth projects update --help".');
  },
  async run(backend, [ref = ""], flags) {
    const project = await backend.projects.update(ref, changesOf(flags));
    return { json: project, text: describeProject(project) };
  },
});

export const renameProject = backendCommand({
  summary: "Give a project another ref; keys that name the old one go on holding",
  arguments: [{ name: "REF" }, { name: "NEW_REF" }],
  async run(backend, [ref = "", newRef = ""]) {
    const project = await backend.projects.rename(ref, newRef);
    return { json: project, text: describeProject(project) };
  },
});
