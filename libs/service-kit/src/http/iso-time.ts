/** A time out of the database as the API shows it: ISO 8601, UTC. */
export function isoTime(time: Date | string): string {
  return new Date(time).toISOString();
}

/** The same for one that may be absent. */
export function isoTimeOrNull(time: Date | string | null): string | null {
  return time === null ? null : isoTime(time);
}
