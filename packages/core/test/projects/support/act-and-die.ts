import { openMetadata } from "../../../src/metadata/metadata.ts";
import { createProjects } from "../../../src/projects/control-plane.ts";
import { NativeHost } from "../../../src/projects/native/native-host.ts";
import { createKeyRing } from "../../../src/secrets/key-ring.ts";
import { dyingHost } from "./dying-host.ts";

/** `node act-and-die.ts ADMIN_URL MASTER_KEY REF "before|after WORK" METHOD [JSON]`: calls the method, and kills itself at that moment. */
const [adminUrl, masterKey, ref, moment, method, argument] = process.argv.slice(2) as [string, string, string, string, "create" | "pause" | "resume" | "restore" | "delete", string | undefined];

const keyRing = await createKeyRing({ masterKey });
const metadata = await openMetadata({ config: { connectionString: adminUrl } }, keyRing);
const projects = createProjects({ metadata, keyRing, host: dyingHost(new NativeHost({ adminUrl }), moment), drainMs: 0 });
if (method === "create") await projects.create({ ref });
else if (method === "delete") await projects.delete(ref, JSON.parse(argument ?? "{}") as object);
else await projects[method](ref);
