import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { UsageError } from "../../src/cli/command-error.ts";
import { type Command, type CommandGroup, defineCommand } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands/commands.ts";
import { duration, json, number, parseFlags, texts } from "../../src/cli/flags.ts";
import { SERVER_FLAGS } from "../../src/cli/server-flags.ts";
import { flagLines, isGroup } from "../../src/cli/usage.ts";
import { projectFolder } from "./support/project-folder.ts";
import { runPlinth, startDev } from "./support/run-plinth.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

test("says its version, and how it is used", async () => {
  const cwd = projectFolder();
  const [short, none, dev, group, command] = await Promise.all([["--version"], [], ["dev", "--help"], ["projects"], ["projects", "rename", "--help"]].map((args) => runPlinth(args, { cwd })));
  expect(short).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  expect(none).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: plinth <command>[^]*^ {4}projects rename REF NEW_REF {2}/m) });
  expect(dev).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: plinth dev \[options\][^]*^ {2}--db-port N {2}/m) });
  expect(group).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: plinth projects <command>[^]*^ {2}rename REF NEW_REF {2}/m) });
  expect(command).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: plinth projects rename REF NEW_REF \[options\][^]*^ {2}--database-url URL {2}/m) });
});

test.for<[string, string[], string]>([
  ["an unknown flag", ["--prot", "1"], "Unknown option '--prot'"],
  ["a flag without its value", ["--port"], "Option '--port <value>' argument missing\nSee \"plinth dev --help\"."],
  ["a port that is none", ["--port", "http"], '--port takes a number from 0 to 65535, not "http".'],
  ["a port with a sign", ["--port", "-1"], "Option '--port' argument is ambiguous"],
  ["a port that is too large", ["--db-port", "70000"], '--db-port takes a number from 0 to 65535, not "70000".'],
])("%s", ([, args, message]) => {
  expect(() => parseFlags(args, SERVER_FLAGS, "dev")).toThrow(UsageError);
  expect(() => parseFlags(args, SERVER_FLAGS, "dev")).toThrow(message);
});

test("flags are read as what they are for", () => {
  const flags = { count: number("N", "", { min: 1 }), grace: duration(""), settings: json("JSON", ""), project: texts("REF", "") };
  const read = (...args: string[]) => parseFlags(args, flags, "x").flags;
  expect(read()).toEqual({ count: undefined, grace: undefined, settings: undefined, project: [] });
  expect(read("--count", "3", "--grace", "12h", "--settings", '{"a":1}', "--project", "a", "--project=b")).toEqual({ count: 3, grace: 43_200_000, settings: { a: 1 }, project: ["a", "b"] });
  for (const wrong of [["--count", "0"], ["--count", "1.5"], ["--grace", "12"], ["--grace", "1w"], ["--settings", "[]"], ["--settings", "{"]]) expect(() => read(...wrong), wrong.join(" ")).toThrow(UsageError);
});

test("arguments are as many as a command has names for", async () => {
  const rename = defineCommand({ summary: "", arguments: [{ name: "REF" }, { name: "TO", optional: true }], flags: {}, run: async (_flags, values) => values.length });
  expect(await rename.run(["a"], "x")).toBe(1);
  expect(await rename.run(["a", "--", "--b"], "x")).toBe(2);
  await expect(rename.run([], "projects x")).rejects.toThrow('REF is missing.\nSee "plinth projects x --help".');
  await expect(rename.run(["a", "b", "c"], "x")).rejects.toThrow("Unexpected argument 'c'");
});

test("every command says what it is for, and what its flags are", () => {
  const all = (entries: Readonly<Record<string, Command | CommandGroup>>): Command[] => Object.values(entries).flatMap((entry) => (isGroup(entry) ? all(entry.commands) : [entry]));
  for (const { summary, flags } of all(COMMANDS)) {
    expect(summary).toMatch(/^[A-Z].*[^.]$/);
    expect("json" in flags).toBe(true);
    for (const [flag, text] of flagLines(flags)) expect(`${flag} ${text}`).toMatch(/^--[a-z-]+( [A-Z]+)? .{8,}$/);
  }
});

test.for<[string, string[], number, string]>([
  ["an unknown command", ["serve"], 2, 'plinth: there is no command "serve".\n\nUsage: plinth'],
  ["an unknown command of a group", ["projects", "make"], 2, 'plinth: there is no command "projects make".\n\nUsage: plinth projects <command>'],
  ["an argument that is missing", ["projects", "get"], 2, 'plinth: REF is missing.\nSee "plinth projects get --help".\n'],
  ["a stray argument", ["dev", "here"], 2, "plinth: Unexpected argument 'here'"],
  ["a project that isn't there", ["projects", "get", "nobody"], 1, "plinth: There is no such project. (PLINTH_PROJECT_NOT_FOUND)\n"],
  ["deletion where nobody can be asked", ["projects", "delete", "acme"], 2, 'plinth: This deletes the project "acme".\nNothing was done. To do it, pass --yes.\n'],
  ["migrations of nobody named", ["migrate"], 2, "plinth: say --all, or --project REF of one."],
  ["a name of Object's", ["constructor"], 2, 'plinth: there is no command "constructor".'],
  ["a wrong flag", ["doctor", "--port", "http"], 2, 'plinth: --port takes a number from 0 to 65535, not "http".\n'],
  ["a configuration file that isn't there", ["dev", "--config", "none.ts"], 2, "plinth: the configuration file none.ts does not exist.\n"],
  ["a migrations folder that isn't there", ["dev", "--migrations", "none"], 2, "plinth: the migrations folder none does not exist.\n"],
  ["a database URL that is none", ["dev", "--database-url", "mysql://x"], 1, "plinth: The options given to createBackend() are not valid. databaseUrl: "],
  ["a server that is down", ["dev", "--database-url", "postgres://me:secret@127.0.0.1:9/db"], 1, "plinth: The project's database can't be reached right now. (PLINTH_DATABASE_UNAVAILABLE)\n"],
])("%s: what it says, and its exit code", async ([, args, code, stderr]) => {
  const ended = await runPlinth(args, { cwd: projectFolder() });
  expect(ended).toMatchObject({ code, stdout: "" });
  expect(ended.stderr).toContain(stderr);
  expect(ended.stderr).not.toContain("me:secret");
  expect(ended.stderr).not.toMatch(/\n +at /);
});

test.for<[string, string, number, RegExp]>([
  ["an option that there isn't", 'export default { databaseURL: "x" };', 1, /Unrecognized key: "databaseURL" \(PLINTH_CONFIG_INVALID\)\n$/],
  ["options that are wrong, each by its name", 'export default { maxBodyBytes: "1", rest: { maxRows: -1 }, pool: { maxConnections: 0 } };', 1, /maxBodyBytes: [^;]+; rest\.maxRows: [^;]+; pool\.maxConnections: /],
  ["no default export", "export const options = {};", 2, /^plinth: plinth\.config\.ts has no default export of BackendOptions, e\.g\. export default \{/],
  ["a default export that is a function", "export default () => ({});", 2, /^plinth: plinth\.config\.ts has no default export/],
  ["a file that throws", 'throw new TypeError("out of order");', 2, /^plinth: plinth\.config\.ts could not be loaded: TypeError: out of order\n$/],
  ["a file that is no TypeScript", "export default {", 2, /^plinth: plinth\.config\.ts could not be loaded: SyntaxError: /],
  ["a file with what Node can't strip", "enum A { B }\nexport default {};", 2, /^plinth: plinth\.config\.ts could not be loaded: SyntaxError: [^]*enum/],
])("a configuration file: %s", async ([, text, code, stderr]) => {
  const ended = await runPlinth(["dev", "--port", "0"], { cwd: projectFolder({ "plinth.config.ts": text, "package.json": '{"type": "module"}' }) });
  expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(stderr) });
});

test.for([
  ["plinth.config.ts", 'const ref: string = "from-ts";\nexport default { project: { ref }, inMemory: true } satisfies object;', "from-ts"],
  ["plinth.config.mjs", 'export default { project: { ref: "from-mjs" }, inMemory: true };', "from-mjs"],
] as const)("options come from %s", { timeout: 90_000 }, async ([name, text, ref]) => {
  const plinth = await startDev([], { cwd: projectFolder({ [name]: text, "package.json": '{"type": "module"}' }) });
  expect(plinth.announced.ref).toBe(ref);
  expect((await plinth.stop()).code).toBe(0);
});
