import type { Operation, Row } from '@isthmus/sdk';
import type { Tone } from '../../parts/show/badges.tsx';

export type Endpoint = Row<Operation<'get', '/v1/webhook-endpoints'>>;
export type Delivery = Row<Operation<'get', '/v1/webhook-endpoints/{id}/deliveries'>>;

export const deliveryStatuses = ['pending', 'undelivered', 'delivered'] as const;

/** What can be opened of an endpoint, in the list and on its own page. */
export const endpointDrawers = ['edit', 'test', 'rotate', 'enable', 'disable', 'remove'] as const;
export type EndpointDrawer = (typeof endpointDrawers)[number];

/** How people call it. */
export const nameOf = ({ description, url }: Pick<Endpoint, 'description' | 'url'>): string =>
  description || url;

export interface EndpointValues {
  url: string;
  description: string;
  /** One per line. */
  eventTypes: string;
}

export const valuesOf = (endpoint: Pick<Endpoint, 'url' | 'description' | 'eventTypes'>): EndpointValues => ({
  url: endpoint.url,
  description: endpoint.description,
  eventTypes: endpoint.eventTypes.join('\n'),
});

interface EndpointBody {
  url: string;
  description: string;
  eventTypes: string[];
}

/** The body of the API. Lines that are empty or there twice say nothing. */
export function bodyOf({ url, description, eventTypes }: EndpointValues): EndpointBody {
  const lines = eventTypes
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);
  return { url: url.trim(), description: description.trim(), eventTypes: [...new Set(lines)] };
}

/**
 * What was changed. The address is shown without its query, which may be a secret: it is sent only if somebody has written
 * another one.
 */
export function changesOf(before: EndpointValues, after: EndpointValues): Partial<EndpointBody> {
  const [was, is] = [bodyOf(before), bodyOf(after)];
  return {
    ...(was.url !== is.url && { url: is.url }),
    ...(was.description !== is.description && { description: is.description }),
    ...(was.eventTypes.join() !== is.eventTypes.join() && { eventTypes: is.eventTypes }),
  };
}

export type Health = 'enabled' | 'disabled' | 'failing' | 'held';

/** How it is, in one word. */
export function healthOf(
  { status, failingSince, heldUntil }: Pick<Endpoint, 'status' | 'failingSince' | 'heldUntil'>,
  now = new Date(),
): Health {
  if (status === 'disabled') return 'disabled';
  if (heldUntil !== null && Date.parse(heldUntil) > now.getTime()) return 'held';
  return failingSince === null ? 'enabled' : 'failing';
}

export const healthTones: Record<Health, Tone> = {
  enabled: 'good',
  disabled: 'neutral',
  failing: 'bad',
  held: 'warning',
};
