import path from "node:path";
import { toExpressHandler } from "@plinth/express";
import express from "express";
import { BackendError, createBackend, signToken } from "plinth";
import { isUserName, USERS } from "./users.ts";

const here = import.meta.dirname;
const port = Number(process.env["PORT"] ?? 3000);

const backend = await createBackend({
  dataDirectory: process.env["PLINTH_DATA"] ?? path.join(here, ".plinth"),
  migrations: path.join(here, "migrations"),
  // People sign up with an address that nobody confirms: until there is a mail server.
  auth: { mailer: { autoconfirm: true } },
}).catch((error: unknown) => {
  // Foreseen errors, a second start in the same folder for instance, say what to do about them.
  console.error(error instanceof BackendError ? `${error.message} ${error.details ?? ""}\n${error.hint ?? ""}` : error);
  process.exit(1);
});
const project = await backend.projects.get("default");

const app = express();

// A route of a host that knows its users already: beside Auth, which signs up new ones, it signs the tokens that row level security reads.
app.post("/login/:name", (request, response) => {
  const { name } = request.params;
  if (!isUserName(name)) return void response.status(404).json({ message: `There is no user "${name}".` });
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const token = signToken({ sub: USERS[name].id, role: "authenticated", exp: expires }, project.jwtSecret);
  response.json({ token, expires_at: expires });
});

// What a client needs to begin with. The anon key is made to be public.
app.get("/config", (_request, response) => void response.json({ anonKey: project.anonKey }));

// Everything of Plinth's, at /rest/v1, /auth/v1, /storage/v1 and /assets; other paths stay the host's.
app.use(toExpressHandler(backend));

const server = app.listen(port, (error) => {
  if (error) return stop(`Port ${port} can't be listened on (${error.message}). Choose another: PORT=3001 npm start`);
  const { port: actual } = server.address() as { port: number };
  const url = `http://localhost:${actual}`;
  const tryIt = actual === 3000 ? "npm run try" : `URL=${url} npm run try`;
  console.log(`Plinth in Express at ${url}

  anon key     ${project.anonKey}
  service key  ${project.serviceRoleKey}   (for servers only: it passes over row level security)

REST is at /rest/v1, Auth at /auth/v1, Storage at /storage/v1, Assets at /assets/v1.

Try next, in another terminal:
  ${tryIt.padEnd(40)}users with supabase-js, each seeing their own rows only
  curl "${url}/rest/v1/lists" -H "apikey: ${project.anonKey}"

The tables are in examples/express-todo/migrations. Stop with Ctrl-C; the data stays.`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
    void backend.close().then(() => process.exit(0));
  });
}

function stop(message: string): void {
  console.error(message);
  void backend.close().finally(() => process.exit(1));
}
