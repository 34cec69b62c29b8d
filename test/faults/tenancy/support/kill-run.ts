import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { BackendOptions } from "plinth";
import { aftermath } from "./aftermath.ts";
import type { Errand, ErrandKind, Told } from "./errand.ts";
import { ErrandRunner } from "./errand-runner.ts";
import type { KillWorld } from "./kill-world.ts";
import { createResident, type Resident } from "./resident.ts";
import { diagnose, withBackend } from "./restart.ts";

/** Milliseconds within which most errands have been at it once or twice; learnt as they go. */
const FIRST_SPANS: Readonly<Record<ErrandKind, number>> = { create: 1_500, delete: 500, pause: 300, rename: 100, move: 1_500, migrate: 200, rotate: 150, import: 1_000, nothing: 400 };

/** One run after another of: an errand, a kill amid it, a restart, a look at everything. */
export class KillRuns {
  readonly world: KillWorld;
  readonly resident: Resident;
  readonly bystander: Resident;
  readonly file: string;
  migrations = 0;
  readonly #runner = new ErrandRunner();
  readonly #spans: Record<ErrandKind, number> = { ...FIRST_SPANS };
  #masterKey: string;
  #count = 0;

  private constructor(world: KillWorld, residents: { resident: Resident; bystander: Resident }, file: string, masterKey: string) {
    this.world = world;
    this.resident = residents.resident;
    this.bystander = residents.bystander;
    this.file = file;
    this.#masterKey = masterKey;
  }

  static async open(world: KillWorld): Promise<KillRuns> {
    const masterKey = newKey();
    const file = path.join(world.folder, "resident.plinth");
    const residents = await withBackend(optionsFor(world, [masterKey]), async (backend) => {
      const [resident, bystander] = [await createResident(backend, "resident"), await createResident(backend, "bystander")];
      await pipeline(Readable.fromWeb((await backend.projects.export("resident")) as never), createWriteStream(file));
      return { resident, bystander };
    });
    return new KillRuns(world, residents, file, masterKey);
  }

  /** @returns what it was doing when it was killed */
  async run(kind: ErrandKind, random: () => number): Promise<string> {
    const { world, resident, migrations, file } = this;
    const masterKeys = Array.from({ length: 8 }, () => (world.givesMasterKey ? newKey() : ""));
    const errand: Errand = {
      kind,
      options: optionsFor(world, [this.#masterKey]),
      prefix: `r${this.#count++}`,
      ref: resident.ref,
      serviceRoleKey: resident.serviceRoleKey,
      firstRow: Math.max(...resident.rows) + 1,
      clusters: await this.#clusters(),
      masterKeys,
      migrations,
      file,
    };
    const afterMs = random() * this.#spans[kind];
    const again = random() < 0.25;
    const told = await this.#runner.killAmid(errand, afterMs);
    assert.deepEqual(told.filter((each) => "failed" in each), []);
    this.#learn(kind, told);
    for (const each of told) if ("row" in each) resident.rows.add(each.row);
    const open = unfinished(told);
    const keys = kind === "rotate" && world.givesMasterKey ? this.#keysAfter(told) : [this.#masterKey];
    const options = optionsFor(world, keys);
    // The one that is to mend it is killed as well.
    if (again) await this.#runner.killAmid({ ...errand, kind: "nothing", options, ref: "" }, random() * this.#spans.nothing);
    const { look, goOn } = aftermath(this, kind, told, open);
    await withBackend(options, look);
    const whole = optionsFor(world, [this.#masterKey]);
    assert.deepEqual(await diagnose(whole), []);
    await withBackend(whole, async (backend) => {
      assert.deepEqual(await world.strays(backend), []);
      await goOn(backend);
    });
    return `${kind} after ${afterMs.toFixed(0)} ms${again ? ", twice" : ""}: ${open ? `amid ${open.begin} ${kind === "rotate" ? "" : open.subject}` : "between two"}, ${told.filter((each) => "done" in each).length} done`;
  }

  end(): Promise<void> {
    return this.#runner.end();
  }

  /** Where the resident is not, first. */
  async #clusters(): Promise<readonly string[]> {
    if (this.world.clusters.length === 0) return [];
    const { cluster } = await withBackend(optionsFor(this.world, [this.#masterKey]), (backend) => backend.projects.get(this.resident.ref));
    return [...this.world.clusters.filter((name) => name !== cluster), cluster];
  }

  #learn(kind: ErrandKind, told: readonly Told[]): void {
    const done = told.flatMap((each) => ("done" in each ? [each.ms] : []));
    if (done.length > 0) this.#spans[kind] = 0.7 * this.#spans[kind] + 0.3 * 2.5 * (done.reduce((sum, ms) => sum + ms, 0) / done.length);
  }

  /** The one that a rotation was to, and the one before: see "One process" in docs/keys.md. */
  #keysAfter(told: readonly Told[]): readonly string[] {
    const done = told.flatMap((each) => ("done" in each ? [each.subject] : []));
    const before = done.at(-1) ?? this.#masterKey;
    this.#masterKey = unfinished(told)?.subject ?? before;
    return this.#masterKey === before ? [before] : [this.#masterKey, before];
  }
}

const newKey = (): string => randomBytes(32).toString("base64");

function optionsFor({ place, givesMasterKey }: KillWorld, [masterKey, ...previousMasterKeys]: readonly string[]): BackendOptions {
  return givesMasterKey && masterKey !== undefined ? { ...place, masterKey, previousMasterKeys } : place;
}

/** What was begun last and not answered. */
export function unfinished(told: readonly Told[]): { readonly begin: string; readonly subject: string } | undefined {
  const last = told.findLast((each) => "begin" in each || "done" in each);
  return last && "begin" in last ? last : undefined;
}
