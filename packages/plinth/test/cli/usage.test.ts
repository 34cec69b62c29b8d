import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readArguments } from "../../src/cli/arguments.ts";
import { UsageError } from "../../src/cli/command-error.ts";
import { projectFolder } from "./support/project-folder.ts";
import { runPlinth, startDev } from "./support/run-plinth.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

test("says its version, and how it is used", async () => {
  const cwd = projectFolder();
  const [short, help, none] = await Promise.all([runPlinth(["--version"], { cwd }), runPlinth(["dev", "--help"], { cwd }), runPlinth([], { cwd })]);
  expect(short).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: plinth <command>[^]*--db-port N/) });
  expect(none).toEqual(help);
});

test.for<[string, string[], string]>([
  ["an unknown flag", ["--prot", "1"], "Unknown option '--prot'"],
  ["a flag without its value", ["--port"], "Option '--port <value>' argument missing\nSee \"plinth help\"."],
  ["a stray argument", ["here"], "Unexpected argument 'here'"],
  ["a port that is none", ["--port", "http"], '--port takes a number from 0 to 65535, not "http".'],
  ["a port with a sign", ["--port", "-1"], "Option '--port' argument is ambiguous"],
  ["a port that is too large", ["--db-port", "70000"], '--db-port takes a number from 0 to 65535, not "70000".'],
])("%s", ([, args, message]) => {
  expect(() => readArguments(args)).toThrow(UsageError);
  expect(() => readArguments(args)).toThrow(message);
});

test.for<[string, string[], number, string]>([
  ["an unknown command", ["serve"], 2, 'plinth: there is no command "serve".\n\nUsage: plinth'],
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
  expect(ended.stderr).not.toContain("secret");
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
