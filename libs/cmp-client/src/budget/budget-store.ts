/** A compare-and-set cell per key, shared by every process that uses the same subscription key. */
export interface BudgetStore {
  get(key: string): Promise<{ value: string; revision: number } | undefined>;
  /** Writes only when the cell is still at `expectedRevision` (undefined: does not exist). False when it is not. */
  put(key: string, value: string, expectedRevision: number | undefined): Promise<boolean>;
}
