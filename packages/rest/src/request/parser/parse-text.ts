import { queryParamError } from "../../errors/api-request-errors.ts";
import { describeError, describePosition } from "./describe-error.ts";
import type { Parser } from "./parser.ts";
import { FAILED, Input } from "./parser.ts";
import { TooMuch } from "./too-much.ts";

/**
 * Parses a text from its beginning; what follows behind the part that the grammar takes is left unread, as PostgREST does.
 *
 * @param subject what the error is about, e.g. `filter (eq)`
 * @throws BackendError PGRST100
 */
export function parseText<T>(parser: Parser<T>, subject: string, text: string): T {
  try {
    const value = parser(new Input(text, false));
    if (value !== FAILED) return value;
    const input = new Input(text, true);
    parser(input);
    throw failure(subject, text, input.error?.offset ?? input.offset, describeError(input.error, text));
  } catch (error) {
    if (error instanceof TooMuch) throw failure(subject, text, error.offset, error.details);
    throw error;
  }
}

function failure(subject: string, text: string, offset: number, details: string): Error {
  return queryParamError(`"failed to parse ${subject}" ${describePosition(text, offset)}`, details);
}
