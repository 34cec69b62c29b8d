import { openMetadata } from "../../../src/metadata/metadata.ts";
import { createProjects } from "../../../src/projects/control-plane.ts";
import { NativeHost } from "../../../src/projects/native/native-host.ts";
import { createKeyRing } from "../../../src/secrets/key-ring.ts";
import { dyingHost } from "./dying-host.ts";

/** `node create-and-die.ts ADMIN_URL MASTER_KEY REF "before|after STEP"`: creates a project, and kills itself at that step. */
const [adminUrl, masterKey, ref, moment] = process.argv.slice(2) as [string, string, string, string];

const keyRing = await createKeyRing({ masterKey });
const metadata = await openMetadata({ config: { connectionString: adminUrl } }, keyRing);
const host = new NativeHost({ adminUrl });
await createProjects({ metadata, keyRing, host: dyingHost(host, moment) }).create({ ref });
