/** The column of another relation that a view's column shows unchanged. */
export interface ColumnOrigin {
  readonly relation: string;
  readonly column: number;
}

const BACKSLASH = 92;
const OPEN_NODE = 123;
const CLOSE_NODE = 125;
const CLOSE_LIST = 41;
const COLON = 58;

const TARGET_LIST = ":targetList (";
/** No field after these in a TARGETENTRY, and none that could contain text: a column's name can't pass for them. */
const ENTRY_END = / :resorigtbl (\d+) :resorigcol (-?\d+) :resjunk (?:true|false)$/;
/** Longer than any such end: two 10-digit numbers and the field names. */
const ENTRY_END_LENGTH = 80;

/**
 * Reads from a view's query, in the text form of PostgreSQL's node trees, where its columns come from.
 * Only the outermost query counts: the target lists of its sub-queries are nodes within it.
 * https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/nodes/primnodes.h (TargetEntry)
 *
 * @param query `({QUERY … :targetList ({TARGETENTRY …} …) …})`, where `\` escapes a character of a value
 * @returns origins by the view's attnum; columns that are expressions have none
 */
export const viewTargets = (query: string): ReadonlyMap<number, ColumnOrigin> => {
  const targets = new Map<number, ColumnOrigin>();
  const start = targetListStart(query);
  if (start === undefined) return targets;
  let depth = 0;
  // An entry's place in the list is its resno, which for the columns of a view is their attnum.
  let position = 0;
  for (let at = start; at < query.length; at++) {
    const char = query.charCodeAt(at);
    if (char === BACKSLASH) at++;
    else if (char === OPEN_NODE) depth++;
    else if (char === CLOSE_LIST && depth === 0) break;
    else if (char === CLOSE_NODE && --depth === 0) {
      position++;
      const origin = entryOrigin(query, at);
      if (origin) targets.set(position, origin);
    }
  }
  return targets;
};

const targetListStart = (query: string): number | undefined => {
  let depth = 0;
  for (let at = 0; at < query.length; at++) {
    const char = query.charCodeAt(at);
    if (char === BACKSLASH) at++;
    else if (char === OPEN_NODE) depth++;
    else if (char === CLOSE_NODE) depth--;
    else if (char === COLON && depth === 1 && query.startsWith(TARGET_LIST, at)) return at + TARGET_LIST.length;
  }
  return undefined;
};

const entryOrigin = (query: string, end: number): ColumnOrigin | undefined => {
  const [, relation, column] = ENTRY_END.exec(query.slice(Math.max(0, end - ENTRY_END_LENGTH), end)) ?? [];
  return relation === undefined || relation === "0" ? undefined : { relation, column: Number(column) };
};
