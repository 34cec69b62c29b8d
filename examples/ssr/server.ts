import { cookiesOfNode } from "@plinth/auth";
import { toExpressHandler } from "@plinth/express";
import { createServerClient } from "@supabase/ssr";
import express, { type Request, type Response } from "express";
import { createBackend } from "plinth";

// Pages that are made on the server, for users whose session is in cookies: as with Supabase, but without a network in between.

const backend = await createBackend({ auth: { mailer: { autoconfirm: true } } });
const { anonKey } = await backend.projects.get("default");
const tenant = await backend.tenant();

/** A client for one request, whose tokens are in that request's cookies; it refreshes them, and sets them anew. */
const clientOf = (request: Request, response: Response) =>
  createServerClient("http://backend", anonKey, { cookies: cookiesOfNode(request, response), global: { fetch: backend.fetch } });

const app = express();
app.use("/api", toExpressHandler(backend));

app.post("/sign-in", express.urlencoded({ extended: false }), async (request, response) => {
  const { email, password } = request.body as { email: string; password: string };
  const { error } = await clientOf(request, response).auth.signInWithPassword({ email, password });
  response.redirect(303, error ? `/?error=${encodeURIComponent(error.message)}` : "/");
});

app.post("/sign-out", async (request, response) => {
  await clientOf(request, response).auth.signOut({ scope: "local" });
  response.redirect(303, "/");
});

app.get("/", async (request, response) => {
  // Refreshes tokens whose time is over: before anything of the answer is sent.
  const { data } = await clientOf(request, response).auth.getClaims();
  response.type("text").send(data ? `Signed in as ${data.claims.email}` : "Not signed in");
});

/** A route that only wants to know who asks needs no client: of a Bearer token, or of the cookies. */
app.get("/me", async (request, response) => {
  const user = await tenant.auth.getUser(request);
  response.status(user ? 200 : 401).json(user ?? { message: "Not signed in" });
});

const server = app.listen(Number(process.env["PORT"] ?? 3000), (error) => {
  if (error) throw error;
  console.log(`http://localhost:${(server.address() as { port: number }).port}`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.close(() => void backend.close()));
