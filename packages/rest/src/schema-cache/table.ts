export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly description: string | null;
  /** Views and materialised views. */
  readonly isView: boolean;
  /** What the relation itself allows (a view may not be insertable); privileges are another matter. */
  readonly insertable: boolean;
  readonly updatable: boolean;
  readonly deletable: boolean;
  /** For a view: the columns that show its base table's key. */
  readonly primaryKey: readonly string[];
  /** In the order of the table's definition. */
  readonly columns: ReadonlyMap<string, Column>;
}

export interface Column {
  readonly name: string;
  readonly description: string | null;
  readonly nullable: boolean;
  /** Base type of a domain, or the type itself, as `format_type` without modifiers for pg_catalog types. */
  readonly type: string;
  /** The declared type with modifiers: `character varying(20)`, `test.my_domain`. */
  readonly nominalType: string;
  readonly maxLength: number | null;
  /** Default expression as SQL, the nextval of an identity column included. */
  readonly default: string | null;
  /** Labels of an enum type, else empty. */
  readonly enum: readonly string[];
}
