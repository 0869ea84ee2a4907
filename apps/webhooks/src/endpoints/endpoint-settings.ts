import { eventContracts } from '@isthmus/contracts';
import {
  checkOutboundUrl,
  type FieldError,
  invalidInput,
  type OutboundRules,
  type OutboundUrlProblem,
} from '@isthmus/service-kit';

const messages: Record<OutboundUrlProblem, string> = {
  'not-a-url': 'url must be a URL such as https://hooks.partner.example/isthmus',
  'not-https': 'url must start with https://',
  'credentials-in-url': 'url must not contain a user name or password; verify the signature instead',
  'private-address': 'url must lead to a public address',
  'port-not-allowed': 'url must name no port other than 443 or 8443, unless OUTBOUND_PORTS allows it',
  fragment: 'url must not have a part after #',
};

/** Replaces a query string: receivers put secrets there, which readers of the endpoint need not know. */
const hiddenQuery = '?***';

/** The address for display, without its query. */
export function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return origin + pathname + (search && hiddenQuery);
}

const types = eventContracts().map(({ eventType }) => eventType);

/** @throws Problem 400 if an address is not allowed, or a filter matches no event type */
export function validateSettings(
  { url, eventTypes }: { url?: string; eventTypes?: string[] },
  rules: OutboundRules,
): void {
  const problems = url === undefined ? [] : checkOutboundUrl(url, rules);
  const errors: FieldError[] = problems.map((problem) => ({ field: 'url', message: messages[problem] }));
  if (url?.endsWith(hiddenQuery))
    errors.push({ field: 'url', message: 'url must be given in full; its query is not shown' });
  for (const filter of unknownFilters(eventTypes ?? [], types)) {
    const message = `"${filter}" matches no event; use *, <service>.* or an event type such as ${types[0]}`;
    errors.push({ field: `eventTypes[${eventTypes!.indexOf(filter)}]`, message });
  }
  if (errors.length > 0) throw invalidInput(errors);
}

/**
 * The filters that select an event: `*` for every event, `<service>.*` for all that a service publishes, or its type in full.
 * The filter of a service includes what that service will publish one day.
 */
export function matchingFilters(type: string): string[] {
  return ['*', `${serviceOf(type)}.*`, type];
}

/** The filters that match no event type. */
export function unknownFilters(filters: readonly string[], types: readonly string[]): string[] {
  const known = new Set(types.flatMap(matchingFilters));
  return filters.filter((filter) => !known.has(filter));
}

const serviceOf = (type: string): string => type.slice(0, type.indexOf('.'));
