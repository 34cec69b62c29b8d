import { defineEndpoint, type Endpoint, type Method } from "../endpoint/endpoint.ts";
import { toStorageError } from "../endpoint/render-error.ts";
import type { StorageCall } from "../endpoint/storage-call.ts";
import { STORAGE_ERRORS } from "../errors.ts";
import { StorageError } from "../storage-error.ts";
import { ResumableError } from "./resumable-error.ts";
import { TUS_VERSION } from "./tus-protocol.ts";

/** How a request shows that it may: by a key or token, or by a signed upload's token in `x-signature`. */
export type Proof = "caller" | "signature";

export type HandleResumable = (call: StorageCall, proof: Proof) => Promise<Response>;

export interface ResumableDefinition {
  /** Upstream's name of the operation; signed ones end in `_signed`. */
  readonly id: string;
  readonly method: Method;
  /** Below `/upload/resumable` and `/upload/resumable/sign`. */
  readonly path: "" | "/:id";
  /** Default: what needs the version of the protocol, and a key. */
  readonly access?: "open";
  readonly handle: HandleResumable;
}

const BASES: ReadonlyArray<readonly [base: string, proof: Proof]> = [["/upload/resumable/sign", "signature"], ["/upload/resumable", "caller"]];

/** One endpoint for each way to show that one may. Some clients end addresses in a slash. */
export const defineResumable = ({ id, method, path, access, handle }: ResumableDefinition): readonly Endpoint[] =>
  BASES.flatMap(([base, proof]) =>
    [base + path, `${base}${path}/`].map((whole) =>
      defineEndpoint({
        id: proof === "signature" ? `${id}_signed` : id,
        method,
        path: whole,
        access: proof === "signature" ? "open" : (access ?? "key"),
        handle: async (call) => {
          try {
            if (access !== "open") checkVersion(call);
            return await handle(call, proof);
          } catch (error) {
            throw new ResumableError(toStorageError(error));
          }
        },
      })));

function checkVersion({ request, tenant }: StorageCall): void {
  if (request.headers.get("tus-resumable") !== TUS_VERSION) throw new StorageError(STORAGE_ERRORS.tusVersion);
  if (tenant.project.adopted) throw new StorageError(STORAGE_ERRORS.featureNotEnabled, { message: "Resumable uploads need a database that Plinth has made" });
}
