import { randomUUID } from "node:crypto";
import path from "node:path";
import { toExpressHandler } from "@plinth/express";
import cors from "cors";
import express from "express";
import { BackendError, createBackend } from "plinth";
import { siteFiles } from "./site-files.ts";

const here = import.meta.dirname;
const port = Number(process.env["PORT"] ?? 3000);

// Two origins: this server's, and one that is the site's alone, so that whatever is published there has none of the cookies
// here. Browsers take every name below localhost for this machine; elsewhere it is a domain (docs/domains.md).
const apiUrl = `http://localhost:${port}`;
const siteUrl = `http://default.sites.localhost:${port}`;

const backend = await createBackend({
  dataDirectory: process.env["PLINTH_DATA"] ?? path.join(here, ".plinth"),
  migrations: path.join(here, "migrations"),
  domains: { assets: "sites.localhost" },
  // The page shows who it is by a token, so that no cookies need to go from one origin to the other.
  cors: { origins: [siteUrl], credentials: false },
  // These files keep their names when they change: browsers ask each time, and mostly hear 304.
  assets: { cacheControl: "no-cache" },
  auth: { external: { anonymousUsers: { enabled: true } } },
}).catch((error: unknown) => {
  console.error(error instanceof BackendError ? `${error.message} ${error.details ?? ""}\n${error.hint ?? ""}` : error);
  process.exit(1);
});
const { anonKey } = await backend.projects.get("default");
const tenant = await backend.tenant();

// A whole site at once, as `plinth assets publish dist` does it from a shell. `{ folder: "dist" }` is all it takes where nothing is made here.
const release = await tenant.assets.publish({ files: siteFiles({ apiUrl, anonKey }) });
for (const problem of release.problems) console.error(problem);

const app = express();

// Before everything else: it answers at the site's host whatever the path is, so that none of the routes below is there.
app.use(toExpressHandler(backend));

// These are the host's own routes, and it is for the host to say who may call them from another origin.
app.use(cors({ origin: siteUrl }));

// Whoever is signed in may upload one picture, under a name that is chosen here. The policies are asked now; the bytes go straight to Storage then.
app.post("/uploads", async (request, response) => {
  const claims = await tenant.auth.getClaims(request);
  if (!claims) return void response.status(401).json({ message: "Not signed in" });
  const pictures = tenant.storage.as({ claims }).from("pictures");
  const { name, token } = await pictures.signedUpload(`${claims.sub}/${randomUUID()}`);
  response.status(201).json({ name, token });
});

const server = app.listen(port, (error) => {
  if (error) {
    console.error(`Port ${port} can't be listened on (${error.message}). Choose another: PORT=3001 npm start -w example-site-with-uploads`);
    return void backend.close().finally(() => process.exit(1));
  }
  console.log(`Open ${siteUrl} in a browser. The API is at ${apiUrl}`);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
    void backend.close().then(() => process.exit(0));
  });
}
