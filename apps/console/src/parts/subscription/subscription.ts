import type { Answer, Operation } from '@isthmus/sdk';

export type Subscription = Answer<Operation<'get', '/v1/subscriptions/{id}'>>;

/** How people call it here. */
export const titleOf = ({ friendlyName, name }: Pick<Subscription, 'friendlyName' | 'name'>): string =>
  friendlyName ?? name;
