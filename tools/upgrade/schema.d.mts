import type { ClientBase } from 'pg';

export interface Column {
  table: string;
  name: string;
  type: string;
  /** Must not be null. */
  required: boolean;
  /** Has a default, an identity or an expression. */
  filled: boolean;
}
export interface Schema {
  columns: Column[];
  /** Check constraints, foreign keys, exclusions and unique indexes. */
  rules: { table: string; rule: string }[];
}
export function readSchema(client: ClientBase): Promise<Schema>;
export function breaks(before: Schema, after: Schema): string[];
