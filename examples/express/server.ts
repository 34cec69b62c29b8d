import { toExpressHandler } from "@plinth/express";
import express from "express";
import { createBackend } from "plinth";

const backend = await createBackend();
const { anonKey } = await backend.projects.get("default");
const app = express();

app.use("/api", toExpressHandler(backend));
app.get("/", (_request, response) => void response.send("The host's own page."));

const server = app.listen(Number(process.env["PORT"] ?? 3000), (error) => {
  if (error) throw error;
  const { port } = server.address() as { port: number };
  console.log(`Plinth in Express at http://localhost:${port}/api\nanon key: ${anonKey}`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.close(() => void backend.close()));
