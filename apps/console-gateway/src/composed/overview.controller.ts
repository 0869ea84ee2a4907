import { Allow, Describe } from '@isthmus/service-kit';
import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  type AccountsOverview,
  type ConnectorOverview,
  type EndpointsOverview,
  type OrdersOverview,
  Overview,
  type PartNumbersOverview,
  type RenewalsOverview,
  type RunsOverview,
} from './overview.dto.ts';
import { type PartReader, Parts } from './parts.service.ts';

const dayMs = 86_400_000;

interface Run {
  finishedAt: string | null;
}

/** Orders that a person has to look at, and those that need nobody any more. */
const waiting = ['needs-attention', 'awaiting-approval'];
const ended = ['settled', 'refused', 'withdrawn', 'completed-not-effective'];

/** What waits for somebody, put together from the lists and counts of the services. */
@Controller('v1/overview')
export class OverviewController {
  constructor(private readonly parts: Parts) {}

  @Get()
  @Allow('viewer')
  @Describe('What waits for somebody, and how fresh the data is.', { returns: Overview })
  async read(@Req() request: FastifyRequest): Promise<Overview> {
    const now = new Date();
    const read = this.parts.for(request);
    const [connectors, runs, orders, accounts, partNumbers, endpoints, renewals] = await Promise.all([
      connectorsIn(read),
      runsIn(read, now),
      ordersIn(read),
      accountsIn(read),
      partNumbersIn(read),
      endpointsIn(read),
      renewalsIn(read, now),
    ]);
    const { unavailable } = read;
    const asOf = now.toISOString();
    return { asOf, connectors, runs, orders, accounts, partNumbers, endpoints, renewals, unavailable };
  }
}

async function connectorsIn(read: PartReader): Promise<ConnectorOverview[] | null> {
  interface Freshness {
    connectorId: string;
    subscriptionsAsOf: string | null;
  }
  const [connectors, freshness] = await Promise.all([
    read.all<ConnectorOverview>('connector-config', '/v1/connectors'),
    read.read<Freshness[]>('account-sync', '/v1/sync-runs/freshness'),
  ]);
  if (!connectors) return null;
  const asOf = new Map(freshness?.map((one) => [one.connectorId, one.subscriptionsAsOf]));
  return connectors.map(({ id, name, status }) => ({ id, name, status, asOf: asOf.get(id) ?? null }));
}

async function runsIn(read: PartReader, now: Date): Promise<RunsOverview | null> {
  const [running, held, failed] = await Promise.all([
    read.count('account-sync', '/v1/sync-runs?status=running'),
    read.count('account-sync', '/v1/sync-runs?status=awaiting-approval'),
    // Newest first: more than a page in one day is as good as any number.
    read.read<{ data: Run[] }>('account-sync', '/v1/sync-runs?status=failed&limit=200'),
  ]);
  if (running === null || held === null || !failed) return null;
  const since = new Date(now.getTime() - dayMs).toISOString();
  const failed24h = failed.data.filter(({ finishedAt }) => finishedAt !== null && finishedAt > since).length;
  return { running, held, failed24h };
}

async function ordersIn(read: PartReader): Promise<OrdersOverview | null> {
  interface StatusCount {
    status: string;
    orders: number;
    oldestAt: string | null;
  }
  const counts = await read.read<{ data: StatusCount[] }>('subscription-lifecycle', '/v1/orders/counts');
  if (!counts) return listedOrders(read);
  const of = (statuses: string[]) => counts.data.filter(({ status }) => statuses.includes(status));
  const sum = (some: StatusCount[]) => some.reduce((total, { orders }) => total + orders, 0);
  const oldest = of(waiting).flatMap(({ oldestAt }) => oldestAt ?? []);
  return {
    open: sum(counts.data.filter(({ status }) => ![...waiting, ...ended].includes(status))),
    needsAttention: sum(of(['needs-attention'])),
    awaitingApproval: sum(of(['awaiting-approval'])),
    oldestAt: oldest.toSorted()[0] ?? null,
  };
}

/** The same from the list of orders, where nothing counts them. */
async function listedOrders(read: PartReader): Promise<OrdersOverview | null> {
  interface ListedOrder {
    requestedAt: string;
  }
  const list = (status: string) =>
    read.all<ListedOrder>('subscription-lifecycle', `/v1/orders?status=${status}`);
  const open = ['planned', 'sending', 'unknown', 'accepted', 'scheduled', 'proving'];
  const [attention, approval, ...others] = await Promise.all([...waiting, ...open].map(list));
  if (!attention || !approval || others.includes(null)) return null;
  const oldest = [...attention, ...approval].map(({ requestedAt }) => requestedAt).toSorted()[0];
  return {
    open: others.reduce((total, orders) => total + orders!.length, 0),
    needsAttention: attention.length,
    awaitingApproval: approval.length,
    oldestAt: oldest ?? null,
  };
}

async function accountsIn(read: PartReader): Promise<AccountsOverview | null> {
  const counts = await read.read<AccountsOverview>('account-sync', '/v1/provider-accounts/counts');
  if (counts) return { unlinked: counts.unlinked, withoutContract: counts.withoutContract };
  const unlinked = await read.count('account-sync', '/v1/provider-accounts?linked=false');
  return unlinked === null ? null : { unlinked, withoutContract: null };
}

async function partNumbersIn(read: PartReader): Promise<PartNumbersOverview | null> {
  interface StateCount {
    state: string;
    partNumbers: number;
    subscriptions: number;
  }
  const counts = await read.read<{ data: StateCount[] }>('product-catalog', '/v1/part-numbers/counts');
  if (!counts) return null;
  const of = (state: string) => counts.data.find((one) => one.state === state);
  return {
    unmapped: of('unmapped')?.partNumbers ?? 0,
    ambiguous: of('ambiguous')?.partNumbers ?? 0,
    subscriptionsWaiting: (of('unmapped')?.subscriptions ?? 0) + (of('ambiguous')?.subscriptions ?? 0),
  };
}

async function endpointsIn(read: PartReader): Promise<EndpointsOverview | null> {
  interface Endpoint {
    status: string;
    disabledReason: string | null;
    failingSince: string | null;
  }
  const endpoints = await read.all<Endpoint>('webhooks', '/v1/webhook-endpoints');
  if (!endpoints) return null;
  const failing = endpoints.filter(
    ({ status, failingSince }) => status === 'enabled' && failingSince !== null,
  );
  const disabled = endpoints.filter(
    ({ status, disabledReason }) => status === 'disabled' && disabledReason !== 'by-hand',
  );
  return { failing: failing.length, disabled: disabled.length };
}

async function renewalsIn(read: PartReader, now: Date): Promise<RenewalsOverview | null> {
  const day = (days: number) => new Date(now.getTime() + days * dayMs).toISOString().slice(0, 10);
  const until = (days: number) =>
    read.count('subscription-lifecycle', `/v1/subscriptions?renewalFrom=${day(0)}&renewalTo=${day(days)}`);
  const [in7Days, in30Days, in90Days] = await Promise.all([until(7), until(30), until(90)]);
  return in7Days === null || in30Days === null || in90Days === null ? null : { in7Days, in30Days, in90Days };
}
