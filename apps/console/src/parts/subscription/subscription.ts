import type { Answer, Operation } from '@isthmus/sdk';

export type Subscription = Answer<Operation<'get', '/v1/subscriptions/{id}'>>;

/** How people call it here. */
export const titleOf = ({ friendlyName, name }: Pick<Subscription, 'friendlyName' | 'name'>): string =>
  friendlyName ?? name;

const over = ['terminated', 'removed', 'no-longer-listed', 'connector-removed'];

/** Nothing renews any more, nothing is charged, and no seat can be returned. */
export const hasEnded = ({ status, endedAt }: Pick<Subscription, 'status' | 'endedAt'>): boolean =>
  endedAt !== null || over.includes(status);

/** What happens to it next: it renews or ends on a day; or it has ended. */
export function nextDay({
  status,
  endedAt,
  autoRenew,
  renewalDate,
  expirationDate,
}: Pick<Subscription, 'status' | 'endedAt' | 'autoRenew' | 'renewalDate' | 'expirationDate'>): {
  what: 'renews' | 'ends' | 'ended';
  day: string | null;
} {
  if (hasEnded({ status, endedAt })) return { what: 'ended', day: endedAt };
  return autoRenew
    ? { what: 'renews', day: renewalDate ?? expirationDate }
    : { what: 'ends', day: expirationDate ?? renewalDate };
}
