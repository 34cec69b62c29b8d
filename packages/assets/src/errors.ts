import type { ErrorDefinition } from "@plinth/core";

/** Errors of Assets: `{code, message, hint}`. */
export const ASSETS_ERRORS = {
  notFound: { code: "PLINTH_ASSETS_NOT_FOUND", status: 404, message: "There is no such file." },
  routeNotFound: { code: "PLINTH_ASSETS_ROUTE_NOT_FOUND", status: 404, message: "Assets has no such endpoint." },
  methodNotAllowed: { code: "PLINTH_ASSETS_METHOD_NOT_ALLOWED", status: 405, message: "Files are read here with GET and HEAD alone." },
  disabled: { code: "PLINTH_ASSETS_DISABLED", status: 409, message: "Assets is switched off for this project." },
  noTables: { code: "PLINTH_ASSETS_NOT_SET_UP", status: 409, message: "The project's database has no tables for Assets.", hint: "It was adopted as it is: have its owner run ASSETS_SETUP of @plinth/assets." },
  adminOnly: { code: "PLINTH_ASSETS_FORBIDDEN", status: 403, message: "Only the project's service role may do this." },
  exists: { code: "PLINTH_ASSETS_FILE_EXISTS", status: 409, message: "There is a file at this path already.", hint: "PUT replaces it." },
  invalidRequest: { code: "PLINTH_ASSETS_INVALID_REQUEST", status: 400, message: "The request is not valid." },
  noFolder: { code: "PLINTH_ASSETS_NO_FOLDER", status: 400, message: "There is no such folder.", hint: "Build the site first, and name the folder that the files are in." },
  invalidPath: { code: "PLINTH_ASSETS_INVALID_PATH", status: 400, message: "This is no path that a file can have.", hint: "Parts joined by \"/\", none of them empty, \".\" or \"..\"; no backslashes or control characters; 1,024 bytes at most." },
  archiveInvalid: { code: "PLINTH_ASSETS_ARCHIVE_INVALID", status: 400, message: "The archive can't be read.", hint: "Send a .tar.gz or .tar." },
  archiveRefused: { code: "PLINTH_ASSETS_ARCHIVE_REFUSED", status: 400, message: "There is something in the archive that isn't taken." },
  duplicatePath: { code: "PLINTH_ASSETS_DUPLICATE_PATH", status: 400, message: "A path is there twice." },
  fileTooLarge: { code: "PLINTH_ASSETS_FILE_TOO_LARGE", status: 413, message: "A file is larger than it may be." },
  releaseTooLarge: { code: "PLINTH_ASSETS_RELEASE_TOO_LARGE", status: 413, message: "There are more files or bytes than a release may have." },
  emptyRelease: { code: "PLINTH_ASSETS_RELEASE_EMPTY", status: 400, message: "There is no file in the release." },
  releaseNotFound: { code: "PLINTH_ASSETS_RELEASE_NOT_FOUND", status: 404, message: "There is no such release." },
  releaseCurrent: { code: "PLINTH_ASSETS_RELEASE_CURRENT", status: 409, message: "This release is the one that is served.", hint: "Publish or roll back to another one first." },
  releaseExpired: { code: "PLINTH_ASSETS_RELEASE_EXPIRED", status: 409, message: "The upload took longer than a release may take.", hint: "It may take an hour. Publish it again." },
  invalidRange: { code: "PLINTH_ASSETS_INVALID_RANGE", status: 416, message: "There are no such bytes in the file." },
} as const satisfies Record<string, ErrorDefinition>;
