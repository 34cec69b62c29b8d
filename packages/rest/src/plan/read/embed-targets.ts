import { notEmbedded } from "../../errors/api-request-errors.ts";
import type { EmbedPath } from "../../request/query-params.ts";
import { embedName } from "./read-draft.ts";
import type { ReadDraft } from "./read-draft.ts";

interface Names {
  /** By alias, or by relation where there is none. */
  readonly byName: ReadonlyMap<string, ReadDraft>;
  /** By alias or relation. */
  readonly byEitherName: ReadonlyMap<string, ReadDraft>;
}

/** Finds the level that a filter, order or range is for, by the names of the embeds on the way. */
export class EmbedTargets {
  readonly #root: ReadDraft;
  readonly #legacyNames: boolean;
  readonly #names = new Map<ReadDraft, Names>();

  /** @param legacyNames whether an embed with an alias may be addressed by its relation's name too */
  constructor(root: ReadDraft, legacyNames: boolean) {
    this.#root = root;
    this.#legacyNames = legacyNames;
  }

  /** @throws BackendError PGRST108 if no such embed is selected */
  at(path: EmbedPath): ReadDraft {
    let draft = this.#root;
    for (const name of path) draft = this.#child(draft, name);
    return draft;
  }

  #child(parent: ReadDraft, name: string): ReadDraft {
    const { byName, byEitherName } = this.#namesBelow(parent);
    const child = this.#legacyNames ? byEitherName.get(name) : byName.get(name);
    if (child === undefined) throw notEmbedded(name, aliased(byEitherName.get(name)));
    if (child.alias !== undefined && child.alias !== name) child.legacyTargetName = true;
    return child;
  }

  #namesBelow(parent: ReadDraft): Names {
    const known = this.#names.get(parent);
    if (known !== undefined) return known;
    const names = namesOf(parent.children);
    this.#names.set(parent, names);
    return names;
  }
}

/** The first of several embeds by a name has it. */
function namesOf(children: readonly ReadDraft[]): Names {
  const byName = new Map<string, ReadDraft>();
  const byEitherName = new Map<string, ReadDraft>();
  const claim = (names: Map<string, ReadDraft>, name: string, child: ReadDraft): void => void (names.has(name) || names.set(name, child));
  for (const child of children) {
    claim(byName, embedName(child), child);
    claim(byEitherName, embedName(child), child);
    claim(byEitherName, child.relationName, child);
  }
  return { byName, byEitherName };
}

function aliased(draft: ReadDraft | undefined): { readonly name: string; readonly alias: string } | undefined {
  return draft?.alias === undefined ? undefined : { name: draft.relationName, alias: draft.alias };
}
