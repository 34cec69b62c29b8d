import { toFastifyPlugin } from "@plinth/fastify";
import { fastify } from "fastify";
import { createBackend } from "plinth";

const backend = await createBackend();
const { anonKey } = await backend.projects.get("default");
const app = fastify();

await app.register(toFastifyPlugin(backend), { prefix: "/api" });
app.get("/", async () => "The host's own page.");
app.addHook("onClose", () => backend.close());

const url = await app.listen({ port: Number(process.env["PORT"] ?? 3000) });
console.log(`Plinth in Fastify at ${url}/api\nanon key: ${anonKey}`);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app.close());
