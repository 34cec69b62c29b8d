import { defineCommand } from "../command.ts";
import { toggle } from "../flags.ts";
import { SERVER_FLAGS } from "../server-flags.ts";

export const dev = defineCommand({ summary: "Serve a backend on a port, with no host application", flags: { ...SERVER_FLAGS, json: toggle("Print one line of JSON: url, ref, anonKey, serviceRoleKey, jwtSecret, databaseUrl") }, run: async (flags) => (await import("../dev.ts")).dev(flags) });
