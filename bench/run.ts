// npm run bench [-- NAME [its own options]]: measures a part of Plinth against a floor in the same run, and prints the ratio.
const BENCHES: Readonly<Record<string, { readonly script: string; readonly about: string }>> = {
  rest: { script: "./rest/run.ts", about: "REST by key, list, embed, insert and rpc, against bare SQL over HTTP (the default)" },
  auth: { script: "./auth/run.ts", about: "getUser, against the same handler without Auth; sign-ins' delay of the event loop" },
  storage: { script: "./storage/transfer.ts", about: "uploads and downloads of 1 KB, 1 MB and 100 MB, against a bare handler on the same disk; memory" },
  lists: { script: "./storage/list.ts", about: "folders and lists of a bucket of a million objects" },
  assets: { script: "./assets/run.ts", about: "static files of 10 KB, against a bare handler" },
  tenancy: { script: "./tenancy/zipf.ts", about: "many projects on few connections" },
  reopening: { script: "./tenancy/reopening.ts", about: "what it costs to reopen a project, against pg alone" },
};

const named = process.argv[2]?.startsWith("-") === false ? process.argv.splice(2, 1)[0]! : "rest";
const bench = Object.hasOwn(BENCHES, named) ? BENCHES[named] : undefined;
if (bench === undefined) {
  console.error(`There is no bench ${JSON.stringify(named)}. There are:\n${Object.entries(BENCHES).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`).join("\n")}`);
  process.exitCode = 1;
} else {
  await import(bench.script);
}
