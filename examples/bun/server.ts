import { createBackend } from "plinth";

/** The part of Bun's global that is used here; `bun-types` declares the whole. */
declare const Bun: { serve(options: { port: number; fetch: (request: Request) => Promise<Response> }): { readonly port: number; stop(): void } };

const backend = await createBackend();
const { anonKey } = await backend.projects.get("default");

// No adapter: Bun speaks Request and Response.
const server = Bun.serve({ port: Number(process.env["PORT"] ?? 3000), fetch: (request) => backend.fetch(request) });
console.log(`Plinth on Bun at http://localhost:${server.port}\nanon key: ${anonKey}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.stop();
    void backend.close();
  });
}
