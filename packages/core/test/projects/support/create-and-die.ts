import { openMetadata } from "../../../src/metadata/metadata.ts";
import { createProjects } from "../../../src/projects/control-plane.ts";
import { NativeHost } from "../../../src/projects/native/native-host.ts";
import { createKeyRing } from "../../../src/secrets/key-ring.ts";

/** `node create-and-die.ts ADMIN_URL MASTER_KEY REF "before|after STEP"`: creates a project, and kills itself at that step. */
const [adminUrl, masterKey, ref, moment] = process.argv.slice(2) as [string, string, string, string];
const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
};

const keyRing = await createKeyRing({ masterKey });
const metadata = await openMetadata({ config: { connectionString: adminUrl } }, keyRing);
const host = new NativeHost({ adminUrl });
const steps = host.steps.map((step) => ({
  name: step.name,
  run: async (target: Parameters<typeof step.run>[0]) => {
    if (moment === `before ${step.name}`) die();
    const place = await step.run(target);
    return moment === `after ${step.name}` ? die() : place;
  },
}));
await createProjects({ metadata, keyRing, host: Object.assign(host, { steps }) }).create({ ref });
