/** A column, or a path into its JSON: `data->a->>b`. */
export interface Field {
  readonly name: string;
  readonly jsonPath: readonly JsonOperation[];
}

export interface JsonOperation {
  /** "->" gives json, "->>" text. */
  readonly arrow: "->" | "->>";
  readonly operand: { readonly kind: "key" | "index"; readonly value: string };
}
