/** One change of the metadata schema. Published ones never change: a new one follows. */
export interface MetadataMigration {
  /** Counts up from 1 without gaps. */
  readonly id: number;
  readonly name: string;
  /** Run in one transaction together with those before it. */
  readonly sql: string;
}
