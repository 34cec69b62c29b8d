import { z } from "zod";
import { defineEndpoint } from "../../endpoint/endpoint.ts";
import { json, message } from "../../endpoint/respond.ts";
import { STORAGE_ERRORS } from "../../errors.ts";
import { StorageError } from "../../storage-error.ts";
import { createS3AccessKey, listS3AccessKeys, revokeS3AccessKey } from "./access-keys.ts";

const PATH = "/s3-credentials";

export const createAccessKey = defineEndpoint({
  id: "storage.s3.credentials.create",
  method: "POST",
  path: PATH,
  access: "admin",
  body: z.object({
    description: z.string().max(1_000).optional(),
    expiresIn: z.number().int().positive().max(2 ** 31).optional(),
    claims: z.looseObject({ role: z.string().min(1), sub: z.string().optional() }).optional(),
  }),
  handle: async ({ context }, body) => json(await createS3AccessKey(context.tenant, body), 201),
});

export const listAccessKeys = defineEndpoint({
  id: "storage.s3.credentials.list",
  method: "GET",
  path: PATH,
  access: "admin",
  handle: async ({ context }) => json(await listS3AccessKeys(context.tenant)),
});

export const revokeAccessKey = defineEndpoint({
  id: "storage.s3.credentials.delete",
  method: "DELETE",
  path: `${PATH}/:accessKey`,
  access: "admin",
  handle: async ({ context, params }) => {
    if (!(await revokeS3AccessKey(context.tenant, params["accessKey"]!))) throw new StorageError({ ...STORAGE_ERRORS.noSuchKey, code: "NoSuchAccessKey" }, { message: "There is no such access key" });
    return message("Successfully revoked");
  },
});
