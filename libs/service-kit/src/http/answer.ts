/** What a handler returns if the status or the headers depend on the result; the kit sends it. */
export class Answer<T = unknown> {
  constructor(
    readonly status: number,
    readonly body: T,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  static created<T>(location: string, body: T, headers: Readonly<Record<string, string>> = {}): Answer<T> {
    return new Answer(201, body, { location, ...headers });
  }

  static accepted<T>(location: string, body: T, headers: Readonly<Record<string, string>> = {}): Answer<T> {
    return new Answer(202, body, { location, ...headers });
  }

  static ok<T>(body: T, headers: Readonly<Record<string, string>> = {}): Answer<T> {
    return new Answer(200, body, headers);
  }

  static noContent(headers: Readonly<Record<string, string>> = {}): Answer<undefined> {
    return new Answer(204, undefined, headers);
  }
}

/** A time out of the database as the API shows it: ISO 8601, UTC. */
export function isoTime(time: Date | string): string {
  return new Date(time).toISOString();
}

/** The same for one that may be absent. */
export function isoTimeOrNull(time: Date | string | null): string | null {
  return time === null ? null : isoTime(time);
}
