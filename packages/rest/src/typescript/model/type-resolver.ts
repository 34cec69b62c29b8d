import type { EnumRow, Oid, TableRow } from "../../schema-cache/catalog/catalog-rows.ts";
import { groupBy } from "../../schema-cache/group-by.ts";
import type { TypeCatalogRows, TypedColumnRow, TypeRow } from "../catalog/type-catalog-rows.ts";
import type { Attribute, BaseType, CompositeType, DatabaseType, DomainType } from "./database-type.ts";

/** Takes types apart. Each once: PostgreSQL lets no type be a part of itself. */
export class TypeResolver {
  readonly #rows: ReadonlyMap<Oid, TypeRow>;
  readonly #labels: ReadonlyMap<Oid, EnumRow["labels"]>;
  readonly #columns: ReadonlyMap<Oid, readonly TypedColumnRow[]>;
  readonly #relations: ReadonlyMap<Oid, TableRow>;
  readonly #resolved = new Map<Oid, DatabaseType>();

  constructor({ types, enums, columns, tables }: Pick<TypeCatalogRows, "types" | "enums" | "columns" | "tables">) {
    this.#rows = new Map(types.map((row) => [row.id, row]));
    this.#labels = new Map(enums.map(({ type, labels }) => [type, labels]));
    this.#relations = new Map(tables.map((row) => [row.id, row]));
    this.#columns = groupBy(columns, ({ relation }) => relation);
  }

  resolve(id: Oid): DatabaseType {
    const known = this.#resolved.get(id);
    if (known) return known;
    const row = this.#rows.get(id);
    const type = row === undefined ? UNKNOWN : this.#build(row);
    this.#resolved.set(id, type);
    return type;
  }

  /** What a row type is the row of. */
  relationOf(id: Oid): Oid | null {
    return this.#rows.get(id)?.relation ?? null;
  }

  /** In the order of their definition. */
  #attributes(relation: Oid): readonly Attribute[] {
    return (this.#columns.get(relation) ?? []).map(({ name, type: id, notNull }) => {
      const type = this.resolve(id);
      return { name, type, nullable: !notNull && !isNotNull(type) };
    });
  }

  #build(row: TypeRow): DatabaseType {
    const { schema, name } = row;
    if (row.element !== null) return { kind: "array", element: this.resolve(row.element) };
    if (row.base !== null) return this.#domain(row, this.resolve(row.base));
    if (row.relation !== null) return { kind: "composite", schema, name, of: this.#originOf(row, row.relation), attributes: this.#attributes(row.relation) };
    if (row.kind === "e") return { kind: "enum", schema, name, labels: this.#labels.get(row.id) ?? [] };
    return { kind: "base", schema, name, isBuiltIn: schema === "pg_catalog", isPseudo: row.kind === "p", toJson: row.toJson };
  }

  #originOf({ standalone }: TypeRow, relation: Oid): CompositeType["of"] {
    if (standalone) return "type";
    const row = this.#relations.get(relation);
    return row === undefined ? "row" : isView(row) ? "view" : "table";
  }

  #domain({ schema, name, notNull, hasDefault, toJson, fromJson }: TypeRow, base: DatabaseType): DomainType {
    return { kind: "domain", schema, name, base, notNull: notNull || isNotNull(base), hasDefault, toJson, fromJson };
  }
}

export const isView = ({ kind }: TableRow): boolean => kind === "v" || kind === "m";

export const isNotNull = (type: DatabaseType): boolean => type.kind === "domain" && type.notNull;

/** Row types of PostgreSQL's own relations, which nobody asked for. */
const UNKNOWN: BaseType = { kind: "base", schema: "pg_catalog", name: "anyelement", isBuiltIn: true, isPseudo: true, toJson: false };
