/** `2026-03-18`: how subscriptions carry days. */
export function isoDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** `2026-07-27T02:11:09Z`: how orders carry instants, without milliseconds. */
export function isoSecond(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
