import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { parseArgs } from "node:util";
import { toNodeHandler } from "@plinth/node";
import { createBackend } from "plinth";

// Storage through the node adapter, with a bucket in which everybody signed in has a folder. Prints its URL, a key and a
// token of the user "bench", separated by spaces.
const { values: options } = parseArgs({ options: { folder: { type: "string" }, url: { type: "string" }, fsync: { type: "string", default: "database" } } });
const folder = options.folder!;

const backend = await createBackend({
  dataDirectory: path.join(folder, "data"),
  databaseUrl: options.url ?? false,
  masterKey: "the master key of a benchmark, of no use elsewhere",
  storage: { fileSizeLimit: "1GB", store: { kind: "filesystem", directory: path.join(folder, "files"), fsync: options.fsync === "database" ? "database" : options.fsync === "true" } },
});
const owner = await backend.ownerDatabase();
await owner.script(`
  insert into storage.buckets (id, name) values ('bench', 'bench') on conflict do nothing;
  drop policy if exists own_folder on storage.objects;
  create policy own_folder on storage.objects for all to authenticated
    using (bucket_id = 'bench' and (storage.foldername(name))[1] = auth.jwt() ->> 'sub')
    with check (bucket_id = 'bench' and (storage.foldername(name))[1] = auth.jwt() ->> 'sub');
`);
const project = await backend.projects.get(backend.defaultRef!);
const token = (await backend.tenant()).secrets.sign({ sub: "bench", role: "authenticated", exp: Math.floor(Date.now() / 1_000) + 3_600 });
const server = http.createServer(toNodeHandler(backend));
server.listen(0, "127.0.0.1", async () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port} ${project.anonKey} ${await token}`));
