import type { Kysely } from "kysely";
import { connectionError, isConnectionFailure } from "../../database/connection-error.ts";
import { BackendError } from "../../errors/backend-error.ts";
import { CORE_ERRORS } from "../../errors/errors.ts";
import type { MetadataTables } from "../../metadata/metadata-tables.ts";
import { commitChange } from "../commit-change.ts";
import type { DatabaseHost, DatabaseLocation } from "../database-host.ts";
import { updateRow } from "../find-row.ts";
import { passwordOf } from "../lifecycle/create-project.ts";
import { setupChecksum } from "../lifecycle/provision.ts";
import { assertStatus, drainThen, withProject } from "../lifecycle/with-project.ts";
import type { MoveProjectOptions, ProjectMove } from "../project.ts";
import { openSecrets, placeColumns, type ProjectRow, toLocation } from "../project-rows.ts";
import type { ProjectSurroundings } from "../project-surroundings.ts";
import { assertApart } from "./assert-apart.ts";
import { openDump } from "./database/dump-database.ts";
import { verifyRows } from "./database/verify-rows.ts";
import { makeCopy } from "./make-copy.ts";
import { placeCopy } from "./place-copy.ts";

/** A row whose move has begun. */
type MovingRow = ProjectRow & { readonly move: ProjectMove };

/**
 * What a row's `move` says: while the status is `moving`, where the project goes; its database is still the former one,
 * which nobody gets into, and what is at the other place may be half made. After that, with the step `switched`, where it
 * was, and what is left there to be dropped.
 */
const SWITCHED = "switched";

/** @see Projects.move */
export function moveProject(surroundings: ProjectSurroundings, ref: string, { cluster, keepSource = false }: MoveProjectOptions): Promise<ProjectRow> {
  return withProject(surroundings, ref, async (db, found) => {
    const row = isSwitched(found) ? await dropFormer(surroundings, db, found) : found;
    const host = surroundings.hosts.named(cluster);
    if (row.adopted) throw new BackendError(CORE_ERRORS.projectState, { message: `The project "${ref}" has adopted its database, which is not ours to move.`, hint: "Export it, and import it under another ref: that makes a database of its own." });
    assertStatus(row, ["active", "paused", "moving"], "moved");
    if (isMoving(row) && row.move.cluster !== cluster) throw new BackendError(CORE_ERRORS.projectState, { message: `The project "${ref}" is on its way to the cluster "${row.move.cluster}".`, hint: "Finish that move first." });
    if (row.status !== "moving" && row.cluster === cluster) return row;
    const moving = isMoving(row) ? row : await begin(surroundings, db, row, host);
    return carry(surroundings, db, moving, host, keepSource).catch(async (error: unknown) => {
      // What fails here is left to the sweep.
      await undoMove(surroundings, db, moving).catch(() => undefined);
      throw isConnectionFailure(error) ? connectionError(error) : error;
    });
  });
}

const isMoving = (row: ProjectRow): row is MovingRow => row.status === "moving" && row.move !== null;
const isSwitched = (row: ProjectRow): row is MovingRow => row.status !== "moving" && row.move?.step === SWITCHED;

async function begin(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow, host: DatabaseHost): Promise<MovingRow> {
  const { hosts } = surroundings;
  await assertApart(hosts.of(row), host, toLocation(row));
  const place = await placeCopy(db, host, row);
  const move: ProjectMove = { cluster: host.cluster, ...place, step: null, status: row.status as "active" | "paused" };
  const began = await commitChange(surroundings, db, row, () => ({ action: "project.move", before: { cluster: row.cluster, status: row.status }, after: { cluster: host.cluster, status: "moving" } }), (transaction) =>
    updateRow(transaction, row.uid, { status: "moving", move: JSON.stringify(move) }));
  return { ...began, move };
}

/** From here on nothing is acknowledged that would not be carried over. */
async function carry(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: MovingRow, host: DatabaseHost, keepSource: boolean): Promise<ProjectRow> {
  const { hosts, keyRing, databaseSetup: setup, drainMs } = surroundings;
  const from = hosts.of(row);
  await drainThen(surroundings, row.ref, () => from.shut(toLocation(row), drainMs));
  // What an attempt that was broken off has left.
  await host.drop(targetOf(row));
  let target = targetOf(row);
  const dump = await openDump({ kind: from.kind, connection: await from.openOwner(toLocation(row)), data: true, lock: true });
  try {
    const tables = await makeCopy({
      host,
      target: { ...target, roles: row.roles, password: passwordOf(openSecrets(row, keyRing)), setup },
      source: { kind: from.kind, loginRole: row.login_role },
      parts: dump.parts,
      onPlaced: async (location) => {
        target = location;
        await updateRow(db, row.uid, { move: JSON.stringify({ ...row.move, database: location.database, loginRole: location.loginRole }) });
      },
    });
    await verifyRows(await host.openOwner(target), tables);
    await dump.assertHeld();
    const moved = await switchOver(surroundings, db, row, { host, target, keepSource });
    await surroundings.letGo(row.ref);
    // With the locks still held: an owner's session that was kept waiting must not have its row accepted here any more.
    await dump.turnAway().catch(() => undefined);
    // The project is there and served: what is left of the former database is not worth an error.
    return isSwitched(moved) ? await dropFormer(surroundings, db, moved).catch(() => moved) : moved;
  } finally {
    await dump.close();
  }
}

interface Destination {
  readonly host: DatabaseHost;
  readonly target: DatabaseLocation;
  readonly keepSource: boolean;
}

async function switchOver(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: MovingRow, { host, target, keepSource }: Destination): Promise<ProjectRow> {
  if (row.move.status === "paused") await host.shut(target, 0);
  const former: ProjectMove = { cluster: row.cluster, database: row.database_name, loginRole: row.login_role, step: SWITCHED, status: row.move.status };
  return commitChange(surroundings, db, row, (moved) => ({ action: "project.moved", before: { cluster: row.cluster, database: row.database_name }, after: { cluster: moved.cluster, database: moved.database_name, status: moved.status } }), (transaction) =>
    updateRow(transaction, row.uid, {
      ...placeColumns(host.kind, host.cluster, target),
      status: row.move.status,
      setup_checksum: setupChecksum(host, row.roles, surroundings.databaseSetup),
      move: keepSource ? null : JSON.stringify(former),
    }));
}

/** Takes back a move that has not come to its end: the project goes on where it was. */
async function undoMove(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: MovingRow): Promise<ProjectRow> {
  const { hosts } = surroundings;
  // As it is now: the switch may have been made though its answer was lost.
  const now = await updateRow(db, row.uid, {});
  if (!isMoving(now)) return now;
  await hosts.named(now.move.cluster).drop(targetOf(now));
  if (now.move.status === "active") await hosts.of(now).reopen(toLocation(now));
  const back = await commitChange(surroundings, db, now, () => ({ action: "project.move-undone", before: { cluster: now.move.cluster, status: "moving" }, after: { cluster: now.cluster, status: now.move.status } }), (transaction) =>
    updateRow(transaction, now.uid, { status: now.move.status, move: null }));
  await surroundings.letGo(now.ref);
  return back;
}

async function dropFormer({ hosts }: ProjectSurroundings, db: Kysely<MetadataTables>, row: MovingRow): Promise<ProjectRow> {
  await hosts.named(row.move.cluster).drop(targetOf(row));
  return updateRow(db, row.uid, { move: null });
}

/** The other place that `move` names. */
const targetOf = ({ ref, uid, move }: MovingRow): DatabaseLocation => ({ ref, uid, database: move.database, loginRole: move.loginRole });

/**
 * Brings to an end what crashes have left of a move: takes it back, or, where the project was there already, drops what
 * it left behind.
 *
 * @param row the one that the lock is held for
 * @returns undefined where there is nothing to do
 */
export async function recoverMove(surroundings: ProjectSurroundings, db: Kysely<MetadataTables>, row: ProjectRow): Promise<ProjectRow | undefined> {
  if (isMoving(row)) return undoMove(surroundings, db, row);
  return isSwitched(row) ? dropFormer(surroundings, db, row) : undefined;
}
