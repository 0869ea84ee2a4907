/** Something that must never be. */
export interface Violation {
  rule: string;
  detail: string;
}
