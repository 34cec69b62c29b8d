import { randomBytes } from "node:crypto";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openLoopback } from "../support/loopback.ts";
import { openNativeOrEmbedded } from "../scenarios/support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const SECRETS = ["the mail server's password", "google's client secret", "v1,whsec_aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=", "v1,whsec_c2Vjb25kIHNlY3JldCBvZiBhIGhvb2s=", "twilio's token", "the captcha's secret", "an OIDC secret", "424242"];
const [smtp, google, hookOne, hookTwo, twilio, captcha, oidc, testOtp] = SECRETS as [string, string, string, string, string, string, string, string];

const settings = {
  auth: {
    siteUrl: "https://app.example",
    smtp: { host: "mail.example", adminEmail: "auth@app.example", pass: smtp },
    external: { google: { enabled: true, clientId: "g", secret: google }, oidc: { acme: { enabled: true, clientId: "a", secret: oidc, url: "https://id.example" } } },
    hook: { sendEmail: { uri: "https://hook.example", secrets: [hookOne, hookTwo] } },
    sms: { twilio: { accountSid: "sid", messageServiceSid: "service", authToken: twilio }, testOtp: { "15550001": testOtp } },
    security: { captcha: { secret: captcha } },
  },
};

const MASK = expect.stringMatching(/^sealed:[A-Za-z0-9_-]{8}$/);
const masked = {
  auth: {
    siteUrl: "https://app.example",
    smtp: { host: "mail.example", adminEmail: "auth@app.example", pass: MASK },
    external: { google: { enabled: true, clientId: "g", secret: MASK }, oidc: { acme: { enabled: true, clientId: "a", secret: MASK, url: "https://id.example" } } },
    hook: { sendEmail: { uri: "https://hook.example", secrets: [MASK, MASK] } },
    sms: { twilio: { accountSid: "sid", messageServiceSid: "service", authToken: MASK }, testOtp: { "15550001": MASK } },
    security: { captcha: { secret: MASK } },
  },
};

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const showsNone = (text: string): void => {
  for (const secret of SECRETS) expect(text).not.toContain(secret);
};

describeDatabases("secrets in a project's settings", (databases) => {
  let backend: TestBackend;
  let close: () => Promise<void>;
  const ref = `sealed-${randomBytes(3).toString("hex")}`;
  const opened = async (of = ref): Promise<unknown> => (await backend.tenant(of)).secrets.settings("auth");

  beforeAll(async () => {
    ({ backend, close } = await openNativeOrEmbedded(databases, { onError: () => undefined }));
    await backend.projects.create({ ref, settings });
  });
  afterAll(() => close());

  test("are read by the service, and by nobody else", async () => {
    expect(await opened()).toEqual(settings.auth);
    const seen = [await backend.projects.get(ref), (await backend.tenant(ref)).project, (await backend.projects.list({ search: ref })).projects[0]];
    for (const project of seen) {
      expect(project?.settings).toEqual(masked);
      showsNone(JSON.stringify(project));
    }
    showsNone(JSON.stringify(await backend.projects.audit({ ref })));
  });

  test("are read with another master key too", async () => {
    await backend.rotateMasterKey({ newMasterKey: randomBytes(32).toString("base64") });
    expect(await opened()).toEqual(settings.auth);
  });

  test("are kept by an update that sends back what is shown, and changed by one that doesn't", async () => {
    const shown = (await backend.projects.get(ref)).settings as typeof settings;
    const [, second] = shown.auth.hook.sendEmail.secrets;
    const changed = await backend.projects.update(ref, {
      settings: { auth: { ...shown.auth, disableSignup: true, hook: { sendEmail: { ...shown.auth.hook.sendEmail, secrets: [second] } }, smtp: { ...shown.auth.smtp, pass: "another password" } } },
    });
    expect(await opened()).toEqual({ ...settings.auth, disableSignup: true, hook: { sendEmail: { ...settings.auth.hook.sendEmail, secrets: [hookTwo] } }, smtp: { ...settings.auth.smtp, pass: "another password" } });
    const now = changed.settings as typeof settings;
    expect(now.auth.external).toEqual(shown.auth.external);
    expect(now.auth.smtp.pass).not.toBe(shown.auth.smtp.pass);
    showsNone(JSON.stringify(await backend.projects.audit({ ref })));
    await backend.projects.update(ref, { settings });
  });

  test("can't be copied to a place where they would be shown, nor to another project", async () => {
    const isRefused = { code: "PLINTH_CONFIG_INVALID", message: expect.stringContaining("the project has none such there") as string };
    const { auth } = (await backend.projects.get(ref)).settings as typeof settings;
    await expect(backend.projects.update(ref, { settings: { auth: { smtp: { ...settings.auth.smtp, senderName: auth.smtp.pass } } } })).rejects.toMatchObject(isRefused);
    const sealed = await (await backend.tenant(ref)).secrets.seal("anything", "settings");
    await expect(backend.projects.update(ref, { settings: { auth: { smtp: { ...settings.auth.smtp, senderName: sealed } } } })).rejects.toMatchObject(isRefused);
    await expect(backend.projects.create({ ref: `${ref}-b`, settings: { auth: { smtp: auth.smtp } } })).rejects.toMatchObject(isRefused);
  });

  test("go along in an export under a passphrase alone", { timeout: 120_000 }, async () => {
    const passphrase = "a passphrase of these tests";
    const plain = await textOf(await backend.projects.export(ref, { data: false }));
    showsNone(plain);
    expect(plain).not.toContain("sealed1.");
    const whole = await bytesOf(await backend.projects.export(ref, { data: false, passphrase }));
    showsNone(whole.toString("latin1"));

    const one = async function* () { yield whole; };
    const copy = await backend.projects.import(one(), { ref: `${ref}-copy`, passphrase, keys: true });
    expect(await opened(copy.ref)).toEqual(settings.auth);
    const bare = await backend.projects.import(one(), { ref: `${ref}-bare` });
    expect(await opened(bare.ref)).toMatchObject({ siteUrl: "https://app.example", smtp: { host: "mail.example", pass: expect.stringMatching(/^\(not exported .{16}\)$/) as string } });
  });

  test("give a project no way into the machine that the host has not given it", async () => {
    const loopback = await openLoopback();
    const key = (await backend.projects.get(ref)).serviceRoleKey;
    const signUp = () => backend.fetch("http://backend/auth/v1/signup", { method: "POST", headers: { apikey: key, authorization: `Bearer ${key}`, "content-type": "application/json" }, body: JSON.stringify({ email: "ann@example.com", password: "correct horse" }) });
    const hook = { beforeUserCreated: { enabled: true, uri: loopback.url } };
    await backend.projects.update(ref, { settings: { auth: { externalUrl: "http://localhost:3000", siteUrl: "http://localhost:3000", hook } } });
    expect([(await signUp()).status, loopback.heard]).toEqual([500, []]);
    await expect(backend.projects.update(ref, { settings: { auth: { outbound: { allowPrivateAddresses: true }, hook } } })).rejects.toMatchObject({ code: "PLINTH_CONFIG_INVALID", message: expect.stringMatching(/^The project's settings are not valid\. settings\.auth\.outbound: /) as string });
    await expect(backend.projects.update(ref, { settings: { auth: { jwt: { exp: "soon" } } } })).rejects.toMatchObject({ message: expect.stringMatching(/^The project's settings are not valid\. settings\.auth\.jwt\.exp: /) as string });
    await backend.projects.update(ref, { settings });
    await loopback.close();
  });
}, NATIVE_UNLESS_LONG);
