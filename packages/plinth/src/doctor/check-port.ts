import { once } from "node:events";
import net from "node:net";
import { type Finding, ok, warning } from "./check.ts";

export async function checkPort(host: string, port: number): Promise<Finding> {
  const server = net.createServer();
  server.listen(port, host);
  try {
    await once(server, "listening");
    return ok("Port", `${port} on ${host} is free`);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? "is in use" : `can't be listened on (${(error as Error).message})`;
    return warning("Port", `${port} on ${host} ${reason}.`, "Choose another with --port, or 0 for a free one.");
  } finally {
    server.close();
  }
}
