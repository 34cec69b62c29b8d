import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { fetchAsPage } from "./fetch-as-page.ts";
import { httpGet } from "./http-get.ts";
import type { PageState, PickedFile } from "./open-page.ts";

/**
 * A page in a thread of its own: its scripts are fetched from where it is served and run as they are, with as much of a
 * browser as pages with a file input, a status line and pictures need. What it asks of other origins goes by the rules of CORS.
 */

const { url } = workerData as { url: string };
const { origin } = new URL(url);

class FakeElement {
  textContent = "";
  disabled = false;
  files: File[] = [];
  readonly children: FakeElement[] = [];
  readonly #listeners: Array<() => unknown> = [];
  #src = "";
  /** The picture's bytes, as they came. */
  loaded: Promise<PageState["pictures"][number]> | undefined;

  get src(): string {
    return this.#src;
  }

  set src(address: string) {
    this.#src = address;
    this.loaded = realFetch(address).then(async (response) => ({ address, status: response.status, type: response.headers.get("content-type"), bytes: new Uint8Array(await response.arrayBuffer()) }));
  }

  addEventListener(_type: string, listener: () => unknown): void {
    this.#listeners.push(listener);
  }

  prepend(child: FakeElement): void {
    this.children.unshift(child);
  }

  async change(): Promise<void> {
    for (const listener of this.#listeners) await listener();
  }
}

const elements = new Map<string, FakeElement>();
const element = (selector: string): FakeElement => elements.get(selector) ?? elements.set(selector, new FakeElement()).get(selector)!;

const kept = new Map<string, string>();
const realFetch = globalThis.fetch;
Object.assign(globalThis, {
  window: globalThis,
  document: { querySelector: element, createElement: () => new FakeElement(), addEventListener: () => undefined, visibilityState: "visible" },
  location: new URL(url),
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  fetch: fetchAsPage(origin, realFetch),
});
Object.defineProperty(globalThis, "localStorage", {
  value: { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value), removeItem: (name: string) => void kept.delete(name) },
});

async function scriptAt(address: string): Promise<string> {
  const { status, headers, text } = await httpGet(address);
  if (status !== 200 || !headers["content-type"]?.startsWith("text/javascript")) throw new Error(`${address} is no script: ${status} ${headers["content-type"]}`);
  return text;
}

/** Modules are run from files, each beside what it imports. */
async function keepModule(folder: string, name: string): Promise<string> {
  const text = await scriptAt(new URL(name, url).href);
  const file = path.join(folder, name);
  await writeFile(file, text);
  for (const [, imported] of text.matchAll(/from "\.\/([^"]+)"/g)) await keepModule(folder, imported!);
  return file;
}

async function load(): Promise<void> {
  const { text: html } = await httpGet(url, { accept: "text/html" });
  element("#file").disabled = /id="file"[^>]* disabled/.test(html);
  const scripts = [...html.matchAll(/<script src="([^"]+)"( type="module")?>/g)].map(([, name, module]) => ({ name: name!, isModule: module !== undefined }));
  for (const { name } of scripts.filter(({ isModule }) => !isModule)) vm.runInThisContext(await scriptAt(new URL(name, url).href), { filename: name });
  const folder = await mkdtemp(path.join(tmpdir(), "plinth-page-"));
  try {
    await writeFile(path.join(folder, "package.json"), '{"type":"module"}');
    for (const { name } of scripts.filter(({ isModule }) => isModule)) await import(pathToFileURL(await keepModule(folder, name)).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function state(): Promise<PageState> {
  const pictures = await Promise.all(element("#gallery").children.map(({ loaded }) => loaded));
  return { status: element("#status").textContent, isReady: !element("#file").disabled, pictures: pictures.filter((picture) => picture !== undefined) };
}

async function pick({ name, type, bytes }: PickedFile): Promise<void> {
  const input = element("#file");
  input.files = [new File([bytes], name, { type })];
  await input.change();
}

const show = async (): Promise<void> => parentPort!.postMessage(await state(), []);

parentPort!.on("message", (file: PickedFile) => void pick(file).then(show));
await load();
await show();
