import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { promisify } from "node:util";
import type { TestBackend } from "@plinth/testing";
import { describeDatabases } from "@plinth/testing/vitest";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { ProjectWithKeys } from "plinth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEEP_PNG, PNG_BOMB } from "./support/image-bombs.ts";
import { openNativeOrEmbedded } from "./support/open-backend.ts";
import { NATIVE_UNLESS_LONG } from "../support/native-unless-long.ts";

const ANN = "11111111-1111-4111-8111-111111111111";
const BEN = "22222222-2222-4222-8222-222222222222";

const POLICIES = `
create policy own_folder on storage.objects for all to authenticated
  using (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id = 'own' and (storage.foldername(name))[1] = auth.uid()::text);
insert into storage.buckets (id, name, public) values ('own', 'own', false), ('open', 'open', true);
`;

const library = async () => {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new Error("These tests need the package sharp with its binary for this machine: npm install --include=optional sharp", { cause });
  }
};

test("without sharp, whoever asks for an image is told which package is missing", async () => {
  const script = `
    import { registerHooks } from "node:module";
    registerHooks({ resolve: (name, context, next) => { if (name === "sharp") throw Object.assign(new Error("Cannot find package 'sharp'"), { code: "ERR_MODULE_NOT_FOUND" }); return next(name, context); } });
    const { loadSharp } = await import("./packages/storage/src/render/load-sharp.ts");
    const { renderError } = await import("./packages/storage/src/endpoint/render-error.ts");
    const response = await loadSharp().then(() => "loaded", (error) => renderError(error, { request: new Request("http://backend/") }));
    console.log(response.status, await response.text());`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=plinth-source", "--input-type=module", "-e", script], { cwd: path.resolve(import.meta.dirname, "../..") });
  expect(stdout).toMatch(/^501 .*the package sharp is not installed.*npm install sharp/);
}, 20_000);

describeDatabases("images", (databases) => {
  let sharp: Awaited<ReturnType<typeof library>>;
  let backend: TestBackend;
  let close: () => Promise<void>;
  let admin: SupabaseClient["storage"];
  let ann: SupabaseClient["storage"];
  let ben: SupabaseClient["storage"];
  let anon: SupabaseClient["storage"];
  let other: ProjectWithKeys;

  beforeAll(async () => {
    sharp = await library();
    ({ backend, close } = await openNativeOrEmbedded(databases, { sql: POLICIES, storage: { imageTransformation: { concurrency: 1, queueSize: 8, avifDetection: true } } }));
    other = await backend.projects.create({ ref: `no-images-${randomBytes(3).toString("hex")}`, settings: { storage: { imageTransformation: { enabled: false } } } });
    const client = (key: string, token?: string): SupabaseClient["storage"] =>
      createClient("http://backend", key, { global: { fetch: backend.fetch }, ...(token === undefined ? {} : { accessToken: async () => token }), auth: { persistSession: false, autoRefreshToken: false } }).storage;
    [admin, anon] = [client(backend.serviceRoleKey), client(backend.anonKey)];
    [ann, ben] = [client(backend.anonKey, backend.tokenFor({ sub: ANN })), client(backend.anonKey, backend.tokenFor({ sub: BEN }))];
    // 400 x 200: red on the left, blue on the right, a white line along the top.
    const half = (background: string, width: number, height: number) => sharp({ create: { width, height, channels: 3, background } }).png().toBuffer();
    const picture = sharp({ create: { width: 400, height: 200, channels: 3, background: "red" } }).composite([{ input: await half("blue", 200, 200), left: 200, top: 0 }, { input: await half("white", 400, 20), left: 0, top: 0 }]);
    const jpeg = await picture.clone().jpeg({ quality: 95 }).withExif({ IFD0: { Artist: "Somebody at home" } }).toBuffer();
    await put("open/picture.jpg", jpeg, "image/jpeg", { cacheControl: "3600" });
    await put("open/picture.png", await picture.clone().png().toBuffer(), "image/png");
    await put(`own/${ANN}/me.jpg`, jpeg, "image/jpeg");
  });
  afterAll(() => close());

  const put = async (object: string, body: Buffer, contentType: string, more: { readonly cacheControl?: string } = {}) => {
    const [, bucket, name] = /^(\w+)\/(.*)$/.exec(object)!;
    const { error } = await admin.from(bucket!).upload(name!, body, { contentType, upsert: true, ...more });
    expect(error, object).toBeNull();
  };
  const get = (image: string, headers: Readonly<Record<string, string>> = {}, method = "GET") => backend.fetch(`http://backend/storage/v1/render/image/${image}`, { headers, method });
  const bytesOf = async (response: Response) => {
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.status, response.status === 200 ? "" : bytes.toString()).toBe(200);
    return bytes;
  };
  const shape = async (response: Response) => {
    const { format, width, height, pages = 1 } = await sharp(await bytesOf(response)).metadata();
    // libvips calls AVIF by its container.
    return [format === "heif" ? "avif" : format, width, height, pages];
  };
  /** r, g, b at a point. */
  const colour = async (response: Response, left: number, top: number) => [...(await sharp(await bytesOf(response)).removeAlpha().extract({ left, top, width: 1, height: 1 }).raw().toBuffer())].map((part) => (part > 200 ? 1 : part < 60 ? 0 : 0.5));
  const error = async (response: Response) => [response.status, ((await response.json()) as { message: string }).message];

  const [RED, BLUE, WHITE] = [[1, 0, 0], [0, 0, 1], [1, 1, 1]];

  describe("are read", () => {
    test("by whoever may read the object", async () => {
      expect(await shape(await get("public/open/picture.jpg?width=100"))).toEqual(["jpeg", 100, 50, 1]);
      const mine = await ann.from("own").download(`${ANN}/me.jpg`, { transform: { width: 80, height: 80, resize: "contain" } });
      expect((await sharp(Buffer.from(await mine.data!.arrayBuffer())).metadata()).height).toBe(40);
      for (const storage of [ben, anon]) expect((await storage.from("own").download(`${ANN}/me.jpg`, { transform: { width: 80 } })).error).toMatchObject({ status: 400 });
      expect(await error(await get(`public/own/${ANN}/me.jpg?width=10`))).toEqual([400, "Bucket not found"]);
      expect(await error(await get(`authenticated/own/${ANN}/none.jpg?width=10`, backend.headersFor({ sub: ANN })))).toEqual([400, "Object not found"]);
      // The bucket isn't the other project's.
      expect((await get(`authenticated/own/${ANN}/me.jpg?width=10`, { apikey: other.serviceRoleKey })).status).not.toBe(200);
      expect((await get(`authenticated/own/${ANN}/me.jpg?width=10`)).status).toBe(400);
    });

    test("by public addresses as the client makes them, with what was done", async () => {
      const { data } = anon.from("open").getPublicUrl("picture.jpg", { transform: { width: 50, height: 50, resize: "fill", quality: 30 } });
      const response = await backend.fetch(data.publicUrl);
      expect(response.headers.get("x-transformations")).toBe("height:50,width:50,resizing_type:force,quality:30");
      expect(Object.fromEntries(response.headers)).toMatchObject({ "content-type": "image/jpeg", "cache-control": "max-age=3600", "x-content-type-options": "nosniff", vary: "Accept" });
      expect(await shape(response)).toEqual(["jpeg", 50, 50, 1]);
      const file = await get("public/open/picture.jpg?width=9&download=small.jpg");
      expect(file.headers.get("content-disposition")).toContain("filename=small.jpg");
      expect(Number(file.headers.get("content-length"))).toBe((await bytesOf(file)).length);
    });

    test("by signed addresses, as they were signed and no other way", async () => {
      const { data } = await ann.from("own").createSignedUrl(`${ANN}/me.jpg`, 60, { transform: { width: 60, height: 60, format: "origin" } });
      const url = new URL(data!.signedUrl);
      expect(url.pathname).toBe(`/storage/v1/render/image/sign/own/${ANN}/me.jpg`);
      // Neither more in the address nor what the browser takes makes it another image.
      const response = await backend.fetch(`${url.href}&width=400&height=200&format=webp`, { headers: { accept: "image/avif,image/webp" } });
      expect(response.headers.get("expires")).toBeTruthy();
      expect(await shape(response)).toEqual(["jpeg", 60, 60, 1]);
      const forged = url.href.replace("/me.jpg", "/other.jpg");
      expect(await error(await backend.fetch(forged))).toEqual([400, "Invalid signature"]);
      // Nor does it give the whole of it.
      expect(await error(await backend.fetch(url.href.replace("/render/image/", "/object/")))).toEqual([400, "Invalid signature"]);
      expect((await ben.from("own").createSignedUrl(`${ANN}/me.jpg`, 60, { transform: { width: 60 } })).error).toMatchObject({ statusCode: "404" });
      expect(await error(await get(`sign/own/${ANN}/me.jpg?token=x`))).toEqual([400, "Invalid Compact JWS"]);
    });

    test("by many signed addresses at once", async () => {
      const body = JSON.stringify({ expiresIn: 60, paths: [`${ANN}/me.jpg`, "none"], transform: { width: 20, gravity: "fp", x_offset: 0, y_offset: 1, height: 20 } });
      const response = await backend.fetch("http://backend/storage/v1/object/sign/own", { method: "POST", body, headers: { ...backend.headersFor({ sub: ANN }), "content-type": "application/json" } });
      const [first, none] = (await response.json()) as { signedURL: string; error: string | null }[];
      expect(none).toMatchObject({ signedURL: null, error: expect.any(String) });
      const small = await backend.fetch(`http://backend/storage/v1${first!.signedURL}`);
      expect(small.headers.get("x-transformations")).toBe("height:20,width:20,resizing_type:fill,gravity:fp:0:1");
      expect(await shape(small)).toEqual(["jpeg", 20, 20, 1]);
    });
  });

  describe("are made", () => {
    test("to fit, to fill or to cover, never larger than they were", async () => {
      const of = async (query: string) => (await shape(await get(`public/open/picture.png?${query}`))).slice(1, 3);
      expect(await of("width=100&height=100")).toEqual([100, 100]);
      expect(await of("width=100&height=100&resize=contain")).toEqual([100, 50]);
      expect(await of("width=100&height=100&resize=fill")).toEqual([100, 100]);
      expect(await of("height=100")).toEqual([200, 100]);
      expect(await of("width=0&height=50")).toEqual([100, 50]);
      for (const resize of ["cover", "contain", "fill"]) expect(await of(`width=5000&height=5000&resize=${resize}`), resize).toEqual([400, 200]);
      expect(await of("width=1&height=1")).toEqual([1, 1]);
    });

    test("of the part that is asked for", async () => {
      const at = async (query: string, left: number, top: number) => colour(await get(`public/open/picture.png?width=40&height=40&${query}`), left, top);
      expect([await at("", 2, 20), await at("", 38, 20)]).toEqual([RED, BLUE]);
      expect([await at("gravity=we", 38, 20), await at("gravity=ea", 2, 20)]).toEqual([RED, BLUE]);
      expect([await at("gravity=fp&x_offset=0.9&y_offset=0.5", 2, 20), await at("gravity=we&x_offset=40", 2, 20)]).toEqual([BLUE, BLUE]);
      expect(await colour(await get("public/open/picture.png?width=400&height=10&gravity=no"), 200, 5)).toEqual(WHITE);
      expect(await colour(await get("public/open/picture.png?width=400&height=10&gravity=so"), 100, 5)).toEqual(RED);
      expect((await get("public/open/picture.png?width=40&height=40&gravity=sm")).headers.get("x-transformations")).toContain("gravity:sm");
    });

    test("in the format that is asked for, or that its reader takes", async () => {
      const format = async (query: string, accept?: string) => (await shape(await get(`public/open/picture.png?width=40${query}`, accept === undefined ? {} : { accept })))[0];
      expect([await format("&format=webp"), await format("&format=avif"), await format("")]).toEqual(["webp", "avif", "png"]);
      expect([await format("", "image/webp,*/*"), await format("", "image/avif,image/webp"), await format("&format=origin", "image/webp")]).toEqual(["webp", "avif", "png"]);
      expect([await format("", "image/webp;q=0, image/png"), await format("", "*/*")]).toEqual(["png", "png"]);
      const types = await Promise.all(["webp", "avif"].map(async (name) => (await get(`public/open/picture.png?width=40&format=${name}`)).headers.get("content-type")));
      expect(types).toEqual(["image/webp", "image/avif"]);
    });

    test("upright, with nothing else of what was in the file", async () => {
      const turned = await sharp({ create: { width: 60, height: 20, channels: 3, background: "green" } }).jpeg().withMetadata({ orientation: 6 }).toBuffer();
      await put("open/turned.jpg", turned, "image/jpeg");
      expect((await shape(await get("public/open/turned.jpg?width=10"))).slice(1, 3)).toEqual([10, 30]);
      expect((await shape(await get("public/open/turned.jpg"))).slice(1, 3)).toEqual([20, 60]);
      expect(await bytesOf(await get("public/open/picture.jpg?quality=90"))).not.toSatisfy((bytes: Buffer) => bytes.includes("Somebody"));
    });

    test("of an animation's first frame", async () => {
      const frames = Buffer.concat([0, 120, 240].map((value) => Buffer.alloc(20 * 20 * 3, value)));
      await put("open/moving.gif", await sharp(frames, { raw: { width: 20, height: 60, channels: 3, pageHeight: 20 } }).gif({ loop: 0 }).toBuffer(), "image/gif");
      expect(await shape(await get("public/open/moving.gif?width=10&height=5"))).toEqual(["gif", 10, 5, 1]);
    });
  });

  describe("are not made", () => {
    test("by what is no transformation", async () => {
      for (const [query, name] of [["width=-1", "width"], ["width=1.5", "width"], ["height=x", "height"], ["quality=19", "quality"], ["quality=101", "quality"], ["resize=odd", "resize"], ["format=svg", "format"], ["gravity=fp&x_offset=0.5", "y_offset"]]) {
        const [status, message] = await error(await get(`public/open/picture.jpg?${query}`));
        expect([status, message], query).toEqual([400, expect.stringContaining(`querystring/${name}`)]);
      }
      const { error: refused } = await ann.from("own").createSignedUrl(`${ANN}/me.jpg`, 60, { transform: { quality: 5 } });
      expect(refused).toMatchObject({ statusCode: "400", message: expect.stringContaining("body/transform/quality") });
    });

    test("of what is no image, whatever its type says", async () => {
      const whole = await bytesOf(await get("public/open/picture.png?format=origin"));
      const files: Readonly<Record<string, Buffer>> = {
        text: Buffer.from("not an image"),
        empty: Buffer.alloc(0),
        svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>'),
        html: Buffer.from("<html>"),
        pdf: Buffer.from("%PDF-1.4"),
        heif: Buffer.from("00000010667479706d69663100000000", "hex"),
        begun: Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
        cut: whole.subarray(0, whole.length / 2),
      };
      for (const [name, bytes] of Object.entries(files)) {
        await put(`open/${name}`, bytes, "image/png");
        expect(await error(await get(`public/open/${name}?width=5`)), name).toEqual([400, "The source image is invalid or unsupported for rendering"]);
      }
    });

    test("of bombs, which cost neither memory nor time", async () => {
      for (const [name, make] of Object.entries({ bomb: PNG_BOMB, deep: DEEP_PNG })) await put(`open/${name}`, make(), "image/png");
      await put("open/large.jpg", Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(25_000_001)]), "image/jpeg");
      await get("public/open/picture.jpg?width=11");
      const before = process.memoryUsage.rss();
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      const start = performance.now();
      for (const name of ["bomb", "deep"]) expect(await error(await get(`public/open/${name}?width=100`)), name).toEqual([400, "The source image resolution is too large to process"]);
      expect(await error(await get("public/open/large.jpg?width=100"))).toEqual([400, "The source image file is too large to process"]);
      delay.disable();
      const used = (process.memoryUsage.rss() - before) / 1e6;
      expect({ used, most: delay.max / 1e6, took: performance.now() - start }).toSatisfy(({ used: megabytes, most, took }: Record<"used" | "most" | "took", number>) => megabytes < 50 && most < 1_000 && took < 5_000);
    });

    test("where the project has switched them off", async () => {
      const headers = { apikey: other.serviceRoleKey };
      expect(await error(await get("public/open/picture.jpg", headers))).toEqual([403, "feature not enabled for this tenant"]);
      await backend.sql("insert into storage.buckets (id, name, public) values ('open', 'open', true)", other.ref);
      await backend.fetch("http://backend/storage/v1/object/open/a.jpg", { method: "POST", body: "x", headers });
      const signed = await backend.fetch("http://backend/storage/v1/object/sign/open/a.jpg", { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: '{"expiresIn":60,"transform":{"width":5}}' });
      expect(await signed.json()).toMatchObject({ signedURL: expect.stringMatching(/^\/object\/sign\//) });
    });

    test("too many at a time", async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => get(`public/open/picture.png?width=${200 + index}`)));
      const statuses = answers.map(({ status }) => status);
      // One at work, two that wait: a project has a quarter of the queue.
      expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(3);
      const refused = answers.find(({ status }) => status !== 200)!;
      expect([...(await error(refused)), refused.headers.get("retry-after")]).toEqual([429, "Too many images are being transformed", "1"]);
      // Those who ask for the same one share it.
      const same = await Promise.all(Array.from({ length: 12 }, () => get("public/open/picture.png?width=251")));
      expect(same.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    });
  });

  test("have an ETag of their own, which changes with the object and what is made of it", async () => {
    const of = async (query: string, headers: Readonly<Record<string, string>> = {}) => (await get(`public/open/changing.png?${query}`, headers)).headers.get("etag")!;
    await put("open/changing.png", await sharp({ create: { width: 30, height: 30, channels: 3, background: "red" } }).png().toBuffer(), "image/png");
    const first = await of("width=10");
    expect(new Set([first, await of("width=11"), await of("width=10&format=webp"), await of("width=10", { accept: "image/avif" }), await of("width=10")]).size).toBe(4);
    const unchanged = await get("public/open/changing.png?width=10", { "if-none-match": first });
    expect([unchanged.status, unchanged.headers.get("etag"), await unchanged.text()]).toEqual([304, first, ""]);
    const head = await get("public/open/changing.png?width=10", {}, "HEAD");
    expect([head.status, head.headers.get("content-type"), Number(head.headers.get("content-length")) > 0, await head.text()]).toEqual([200, "image/png", true, ""]);
    await put("open/changing.png", await sharp({ create: { width: 30, height: 30, channels: 3, background: "blue" } }).png().toBuffer(), "image/png");
    const changed = await get("public/open/changing.png?width=10", { "if-none-match": first });
    expect(await colour(changed, 5, 5)).toEqual(BLUE);
    // What was kept of it is out of reach with its row.
    await admin.from("open").remove(["changing.png"]);
    expect(await error(await get("public/open/changing.png?width=10"))).toEqual([400, "Object not found"]);
  });
}, NATIVE_UNLESS_LONG);
