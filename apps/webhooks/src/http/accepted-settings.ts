import { eventContracts } from '@isthmus/contracts';
import {
  checkOutboundUrl,
  invalidInput,
  type FieldError,
  type OutboundUrlProblem,
} from '@isthmus/service-kit';
import { unknownFilters } from '../domain/event-filter.ts';

const messages: Record<OutboundUrlProblem, string> = {
  'not-a-url': 'url must be a URL such as https://hooks.partner.example/isthmus',
  'not-https': 'url must begin with https://',
  'credentials-in-url': 'url must not have a user name or password in it; check the signature instead',
  'private-address': 'url must lead to a public address',
  fragment: 'url must not have a part after #',
};

const types = eventContracts().map(({ subject }) => subject);

/** @throws Problem 400 when an address must not be sent to, or a filter matches no event there is */
export function requireAcceptable(
  { url, eventTypes }: { url?: string; eventTypes?: string[] },
  allowPrivate: boolean,
): void {
  const problems = url === undefined ? [] : checkOutboundUrl(url, { allowPrivate });
  const errors: FieldError[] = problems.map((problem) => ({ field: 'url', message: messages[problem] }));
  for (const filter of unknownFilters(eventTypes ?? [], types)) {
    const message = `"${filter}" matches no event; use *, <service>.* or an event type such as ${types[0]}`;
    errors.push({ field: `eventTypes[${eventTypes!.indexOf(filter)}]`, message });
  }
  if (errors.length > 0) throw invalidInput(errors);
}
