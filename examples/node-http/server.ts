import { createServer } from "node:http";
import { toNodeHandler } from "@plinth/node";
import { createBackend } from "plinth";

const backend = await createBackend();
const { anonKey } = await backend.projects.get("default");
const server = createServer(toNodeHandler(backend, { basePath: "/api" }));

server.listen(Number(process.env["PORT"] ?? 3000), () => {
  const { port } = server.address() as { port: number };
  console.log(`Plinth on node:http at http://localhost:${port}/api\nanon key: ${anonKey}`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.close(() => void backend.close()));
