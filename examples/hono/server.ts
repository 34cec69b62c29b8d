import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createBackend } from "plinth";

const backend = await createBackend();
const { anonKey } = await backend.projects.get("default");
const app = new Hono();

// No adapter: Hono speaks Request and Response. On Bun, Deno and others, leave out `serve`.
app.mount("/api", (request: Request) => backend.fetch(request));
app.get("/", (context) => context.text("The host's own page."));

const server = serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 3000), overrideGlobalObjects: false }, ({ port }) => {
  console.log(`Plinth in Hono at http://localhost:${port}/api\nanon key: ${anonKey}`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.close(() => void backend.close()));
