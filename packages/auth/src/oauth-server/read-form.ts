import { readText } from "@plinth/core";
import { OAuthError } from "../auth-error.ts";
import { MAX_BODY_BYTES } from "../endpoint/read-json.ts";

/** Parameters of a request's body, each there once. */
export type FormParameters = Readonly<Record<string, string>>;

/**
 * The body as RFC 6749 has it (application/x-www-form-urlencoded), or as a JSON object, as GoTrue takes it too.
 * @throws OAuthError invalid_request
 */
export async function readForm(request: Request): Promise<FormParameters> {
  const text = await readText(request, { maxBytes: MAX_BODY_BYTES }).catch((cause: unknown) => {
    throw new OAuthError("invalid_request", "The request's body can't be read", { cause });
  });
  return (request.headers.get("content-type") ?? "").toLowerCase().includes("application/json") ? fromJson(text) : fromForm(text);
}

function fromForm(text: string): FormParameters {
  const given = new URLSearchParams(text);
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of given) {
    if (name in parameters) throw new OAuthError("invalid_request", "A parameter is included more than once");
    parameters[name] = value;
  }
  return parameters;
}

function fromJson(text: string): FormParameters {
  const given = parse(text);
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new OAuthError("invalid_request", "Invalid JSON body");
  return Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OAuthError("invalid_request", "Invalid JSON body", { cause });
  }
}
