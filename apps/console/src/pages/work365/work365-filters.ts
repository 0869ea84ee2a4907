import type { Input, Operation, Row } from '@isthmus/sdk';

export type Call = Row<Operation<'get', '/v1/work365/calls'>>;
export type Write = Row<Operation<'get', '/v1/work365/writes'>>;
export type ApiKey = Row<Operation<'get', '/v1/connectors/{id}/api-keys'>>;
type CallQuery = NonNullable<Input<Operation<'get', '/v1/work365/calls'>>['query']>;
type WriteQuery = NonNullable<Input<Operation<'get', '/v1/work365/writes'>>['query']>;

export const tabs = ['calls', 'writes'] as const;
export const results = ['failed', 'ok'] as const;
export const writeKinds = ['purchase', 'change'] as const satisfies readonly Write['kind'][];
export const writeStatuses = [
  'open',
  'awaiting-approval',
  'ordered',
  'done',
  'refused',
] as const satisfies readonly Write['status'][];

interface Days {
  from?: string | undefined;
  to?: string | undefined;
}

export interface Filters extends Days {
  result?: (typeof results)[number] | undefined;
  key?: string | undefined;
  q?: string | undefined;
  kind?: Write['kind'] | undefined;
  status?: Write['status'] | undefined;
  connectorId?: string | undefined;
}

/** The whole last day is meant; the API's end is exclusive. */
const momentsOf = ({ from, to }: Days): { from?: string; to?: string } => ({
  ...(from && { from: `${from}T00:00:00Z` }),
  ...(to && { to: new Date(Date.parse(`${to}T00:00:00Z`) + 86_400_000).toISOString() }),
});

export const callsOf = ({ result, key, q, connectorId, ...days }: Filters): CallQuery => ({
  ...momentsOf(days),
  ...(result && { failed: result === 'failed' }),
  ...(key && { apiKeyId: key }),
  ...(q && { correlationId: q }),
  ...(connectorId && { connectorId }),
});

export const writesOf = ({ kind, status, connectorId, ...days }: Filters): WriteQuery => ({
  ...momentsOf(days),
  ...(kind && { kind }),
  ...(status && { status }),
  ...(connectorId && { connectorId }),
});

/** What a write asked for, in parts that a page has words for. */
export interface Deed {
  name: 'buy' | 'seats' | 'cancel' | 'renewOn' | 'renewOff' | 'nothing';
  quantity?: number;
  partNumber?: string;
}

/** Several in one request are several deeds. */
export function deedsOf({ kind, requested }: Pick<Write, 'kind' | 'requested'>): Deed[] {
  const { quantity, partNumber, autoRenew, cancel } = requested as {
    quantity?: number;
    partNumber?: string;
    autoRenew?: boolean | null;
    cancel?: boolean;
  };
  if (kind === 'purchase')
    return [{ name: 'buy', ...(quantity !== undefined && { quantity }), ...(partNumber && { partNumber }) }];
  const deeds: Deed[] = [
    ...(quantity === undefined ? [] : [{ name: 'seats' as const, quantity }]),
    ...(cancel ? [{ name: 'cancel' as const }] : []),
    ...(typeof autoRenew === 'boolean'
      ? [{ name: autoRenew ? ('renewOn' as const) : ('renewOff' as const) }]
      : []),
  ];
  return deeds.length > 0 ? deeds : [{ name: 'nothing' }];
}
