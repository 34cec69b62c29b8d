import type { ErrorDefinition } from "../errors/backend-error.ts";

/** What an `ObjectStore` throws. Services answer with errors of their own. */
export const STORE_ERRORS = {
  unavailable: { code: "PLINTH_STORE_UNAVAILABLE", status: 503, message: "The store of files can't be reached right now.", hint: "Try again shortly. On the server: check the settings of `storage.store`, and that the disk or the S3 server is there." },
  full: { code: "PLINTH_STORE_FULL", status: 507, message: "The store of files is full.", hint: "Make room on the disk that the files are on." },
  tooLarge: { code: "PLINTH_STORE_TOO_LARGE", status: 413, message: "There are more bytes than may be kept." },
  wrongSize: { code: "PLINTH_STORE_WRONG_SIZE", status: 400, message: "There are more or fewer bytes than were announced." },
  noUpload: { code: "PLINTH_STORE_NO_UPLOAD", status: 404, message: "There is no such upload in parts." },
  invalidPart: { code: "PLINTH_STORE_INVALID_PART", status: 400, message: "A part was not put, or is another one." },
} as const satisfies Record<string, ErrorDefinition>;
