import type { EventContract } from './contract.ts';

/*
 * Events travel under `<service>.<tenant>.<event>.v<major>`: the tenant has a token of its own, so that NATS itself can keep
 * the readers of one tenant from the events of another. The CloudEvents type, `<service>.<event>.v<major>`, has no tenant.
 */

/** A subject or a type that is not an event's. */
export class InvalidSubject extends Error {
  override readonly name = 'InvalidSubject';
  readonly code = 'subject.invalid';

  constructor(
    readonly subject: string,
    expected: string,
  ) {
    super(`${JSON.stringify(subject)} is not ${expected}.`);
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/**
 * Characters outside of NATS's recommendation for tokens. `.`, `*`, `>` and white space would change which subjects a permission
 * covers.
 */
const unsafe = /[^A-Za-z0-9_-]/gu;

/**
 * A tenant's id as one token of a subject. A UUID, which every tenant's id is today, stays as it is, in lower case as
 * PostgreSQL writes it. In any other id each byte (of UTF-8) that is not a letter, a digit, `_` or `-` is written as `=` and two
 * hexadecimal digits, so that different ids never share a token. `tenantOfToken` reverses it.
 *
 * @throws InvalidSubject when the id is empty or no text (half of a surrogate pair): no token stands for that
 */
export function tenantToken(tenantId: string): string {
  if (tenantId === '' || !tenantId.isWellFormed()) throw new InvalidSubject(tenantId, 'the id of a tenant');
  if (uuid.test(tenantId)) return tenantId.toLowerCase();
  return tenantId.replace(unsafe, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}

/** @throws InvalidSubject when the token is not one that `tenantToken` makes */
export function tenantOfToken(token: string): string {
  const bytes = token.replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const tenantId = Buffer.from(bytes, 'latin1').toString('utf8');
  if (token === '' || tenantToken(tenantId) !== token)
    throw new InvalidSubject(token, 'the token of a tenant in a subject');
  return tenantId;
}

const typeShape = /^([^.]+)\.([^.]+\.v\d+)$/;

function partsOf(eventType: string): [service: string, event: string] {
  const [, service, event] = typeShape.exec(eventType) ?? [];
  if (!service || !event) throw new InvalidSubject(eventType, 'the type of an event');
  return [service, event];
}

/** Returns the subject for an event of this type and tenant. */
export function eventSubject(eventType: string, tenantId: string): string {
  const [service, event] = partsOf(eventType);
  return `${service}.${tenantToken(tenantId)}.${event}`;
}

/** The subjects of all events of a type, of every tenant: a filter, or the template of a destination. */
export function eventSubjects({ eventType }: Pick<EventContract, 'eventType'>, tenant = '*'): string {
  const [service, event] = partsOf(eventType);
  return `${service}.${tenant}.${event}`;
}

const subjectShape = /^([^.]+)\.([^.]+)\.([^.]+\.v\d+)$/;

/**
 * The type and the tenant of an event, from its subject.
 *
 * @throws InvalidSubject when it is no event's
 */
export function readEventSubject(subject: string): { eventType: string; tenantId: string } {
  const [, service, token, event] = subjectShape.exec(subject) ?? [];
  if (!service || !token || !event) throw new InvalidSubject(subject, 'the subject of an event');
  return { eventType: `${service}.${event}`, tenantId: tenantOfToken(token) };
}
