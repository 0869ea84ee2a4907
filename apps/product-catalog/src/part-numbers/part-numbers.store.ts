import { PartNumber } from '@isthmus/domain';
import type { Statements } from '@isthmus/messaging';
import { anywhere, Conditions, TenantRows } from '@isthmus/service-kit';
import { mirrorId } from '@isthmus/sync-engine';
import { defineEntity, p } from '@mikro-orm/core';
import { resolveMany } from './resolution.store.ts';
import type { Resolution } from './resolution.ts';

export const mappingStates = ['unmapped', 'ambiguous', 'mapped', 'excluded'] as const;
export type MappingState = (typeof mappingStates)[number];

const schema = defineEntity({
  name: 'KnownPartNumber',
  tableName: 'part_numbers',
  uniques: [
    {
      name: 'part_numbers_one',
      // `properties` would make it a constraint.
      expression:
        'create unique index part_numbers_one on part_numbers (connector_id, part_number_key, billing_period, term)',
    },
  ],
  indexes: [
    {
      name: 'part_numbers_by_state',
      properties: ['tenantId', 'connectorId', 'state', 'partNumberKey', 'id'],
    },
  ],
  properties: {
    id: p.uuid().primary(),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    partNumber: p.text(),
    partNumberKey: p.text(),
    billingPeriod: p.text(),
    term: p.text(),
    state: p.enum(mappingStates),
    /** The product it resolves to. */
    productId: p.uuid().nullable(),
    /** Whether a mapping or the rule decided. */
    decidedBy: p.enum(['mapping', 'rule'] as const).nullable(),
    candidateCount: p.integer(),
    reason: p.text().nullable(),
    /** A product name seen with it, for suggestions. */
    seenName: p.text().nullable(),
    firstSeenAt: p.datetime(),
    judgedAt: p.datetime(),
  },
});

/** A part number in use (by a subscription, an order, an import), with the periods it is used with, and what it resolves to. */
export class KnownPartNumber extends schema.class {}
schema.setClass(KnownPartNumber);

export interface PartNumberRow {
  id: string;
  connectorId: string;
  partNumber: string;
  key: string;
  billingPeriod: string;
  term: string;
  state: MappingState;
  productId: string | null;
  decidedBy: 'mapping' | 'rule' | null;
  candidateCount: number;
  reason: string | null;
  seenName: string | null;
  /** Live provider subscriptions that use it. */
  subscriptions: number;
  firstSeenAt: Date;
  judgedAt: Date;
}

interface PartNumberFilter {
  connectorId?: string;
  state?: MappingState;
  q?: string;
}

/** Part numbers of a removed connector need no decision. */
const ofLiveConnector = `not exists (
  select from connectors c where c.connector_id = n.connector_id and c.tenant_id = $1 and c.status = 'removed')`;

/** The mapping queue, by part number; one row more than `limit` if there are more. */
export function listPartNumbers(
  rows: TenantRows,
  filter: PartNumberFilter,
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<PartNumberRow[]> {
  const where = new Conditions('n.tenant_id = $1')
    .when(filter.connectorId, (id) => `n.connector_id = ${id}`)
    .when(filter.state, (state) => `n.state = ${state}`)
    .when(filter.q && anywhere(filter.q), (q) => `concat_ws(' ', n.part_number, n.seen_name) ilike ${q}`)
    .after(after, 'n.part_number_key, n.id', ['text', 'uuid']);
  where.and(ofLiveConnector);
  const more = where.param(limit + 1);
  return rows.select(
    `select n.id, n.connector_id as "connectorId", n.part_number as "partNumber", n.part_number_key as key,
       n.billing_period as "billingPeriod", n.term, n.state, n.product_id as "productId", n.decided_by as "decidedBy",
       n.candidate_count as "candidateCount", n.reason, n.seen_name as "seenName", n.first_seen_at as "firstSeenAt",
       n.judged_at as "judgedAt",
       (select count(distinct u.provider_subscription_id)::int from subscription_uses u where u.part_number_id = n.id) as subscriptions
     from part_numbers n where ${where} order by n.part_number_key, n.id limit ${more}`,
    where.values,
  );
}

export interface StateCount {
  state: MappingState;
  partNumbers: number;
  subscriptions: number;
}

/** How many part numbers are in each state, and how many live subscriptions use them. */
export function countStates(rows: TenantRows, connectorId?: string): Promise<StateCount[]> {
  const where = new Conditions('n.tenant_id = $1').when(connectorId, (id) => `n.connector_id = ${id}`);
  where.and(ofLiveConnector);
  return rows.select(
    `select n.state, count(distinct n.id)::int as "partNumbers", count(distinct u.provider_subscription_id)::int as subscriptions
     from part_numbers n left join subscription_uses u on u.part_number_id = n.id
     where ${where} group by n.state`,
    where.values,
  );
}

/** A part number in use. Periods are ISO 8601, '' if they are left open. */
export interface UsedPartNumber {
  partNumber: PartNumber;
  billingPeriod: string;
  term: string;
  seenName?: string;
}

interface ConnectorRef {
  tenantId: string;
  connectorId: string;
}

/** Derived from the part number and its periods, so that it need not be looked up. */
export const partNumberId = (
  connector: ConnectorRef,
  { partNumber, billingPeriod, term }: UsedPartNumber,
): string => mirrorId(connector, 'part-number', `${PartNumber.key(partNumber)} ${billingPeriod} ${term}`);

/** Adds part numbers to the queue that are not in it yet; they are evaluated afterwards. */
export async function registerPartNumbers(
  client: Statements,
  { tenantId, connectorId }: ConnectorRef,
  used: readonly UsedPartNumber[],
): Promise<void> {
  const rows = used.map((one) => ({
    id: partNumberId({ tenantId, connectorId }, one),
    part_number: PartNumber.print(one.partNumber),
    part_number_key: PartNumber.key(one.partNumber),
    billing_period: one.billingPeriod,
    term: one.term,
    seen_name: one.seenName ?? null,
  }));
  // In order of the key, so that two transactions with the same ones do not deadlock.
  await client.query(
    `insert into part_numbers (id, tenant_id, connector_id, part_number, part_number_key, billing_period, term, seen_name,
       state, candidate_count, first_seen_at, judged_at)
     select distinct on (u.id) u.id, $1, $2, u.part_number, u.part_number_key, u.billing_period, u.term, u.seen_name,
       'unmapped', 0, now(), now()
     from json_to_recordset($3) as u(id uuid, part_number text, part_number_key text, billing_period text, term text, seen_name text)
     order by u.id
     on conflict do nothing`,
    [tenantId, connectorId, JSON.stringify(rows)],
  );
}

/** The resolution as stored in the mapping queue. */
interface Evaluation {
  state: MappingState;
  productId: string | null;
  decidedBy: 'mapping' | 'rule' | null;
  candidateCount: number;
  reason: string | null;
}

const states = {
  resolved: 'mapped',
  ambiguous: 'ambiguous',
  unknown: 'unmapped',
  excluded: 'excluded',
} as const;

const evaluate = <T extends { id: string }>(resolution: Resolution<T>): Evaluation => ({
  state: states[resolution.outcome],
  productId: resolution.product?.id ?? null,
  decidedBy: resolution.by ?? null,
  candidateCount: resolution.candidates.length,
  reason: resolution.reason ?? null,
});

interface QueuedPartNumber extends Evaluation {
  id: string;
  partNumber: string;
  billingPeriod: string;
  term: string;
}

const batchSize = 500;
const columns = `id, part_number as "partNumber", billing_period as "billingPeriod", term, state, product_id as "productId",
  decided_by as "decidedBy", candidate_count as "candidateCount", reason`;

/** All part numbers of a connector, or those with these keys. */
interface EvaluationScope {
  tenantId: string;
  connectorId: string;
  keys?: readonly string[];
}

/** Resolves part numbers in use again and writes those whose resolution changed. Returns their number. */
export async function reevaluatePartNumbers(client: Statements, scope: EvaluationScope): Promise<number> {
  const rows = TenantRows.of(client, scope.tenantId);
  let written = 0;
  for await (const known of scope.keys ? withKeys(rows, scope, scope.keys) : allOf(rows, scope))
    written += await evaluateBatch(client, rows, scope.connectorId, known);
  return written;
}

async function* allOf(
  rows: TenantRows,
  { connectorId }: EvaluationScope,
): AsyncGenerator<QueuedPartNumber[]> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const known = await rows.select<QueuedPartNumber>(
      `select ${columns} from part_numbers where tenant_id = $1 and connector_id = $2 and id > $3
       order by id limit ${batchSize}`,
      [connectorId, after],
    );
    if (!known.length) return;
    yield known;
    after = known.at(-1)!.id;
  }
}

/** Batches of keys rather than of rows: an order by id would read past everything else to find them. */
async function* withKeys(
  rows: TenantRows,
  { connectorId }: EvaluationScope,
  keys: readonly string[],
): AsyncGenerator<QueuedPartNumber[]> {
  for (let from = 0; from < keys.length; from += batchSize) {
    yield await rows.select<QueuedPartNumber>(
      `select ${columns} from part_numbers where tenant_id = $1 and connector_id = $2 and part_number_key = any($3)`,
      [connectorId, keys.slice(from, from + batchSize)],
    );
  }
}

async function evaluateBatch(
  client: Statements,
  rows: TenantRows,
  connectorId: string,
  known: readonly QueuedPartNumber[],
): Promise<number> {
  const questions = known.map(({ partNumber, billingPeriod, term }) => ({
    partNumber: PartNumber.parse(partNumber),
    billingPeriod: billingPeriod || undefined,
    term: term || undefined,
  }));
  const resolutions = await resolveMany(rows, connectorId, questions);
  const changed = known.flatMap(({ id, ...before }, index) => {
    const now = evaluate(resolutions[index]!);
    const members = Object.keys(now) as (keyof Evaluation)[];
    return members.some((member) => now[member] !== before[member]) ? [{ id, ...now }] : [];
  });
  if (!changed.length) return 0;
  await client.query(
    `update part_numbers p set state = j.state, product_id = j."productId", decided_by = j."decidedBy",
       candidate_count = j."candidateCount", reason = j.reason, judged_at = now()
     from json_to_recordset($2) as j(id uuid, state text, "productId" uuid, "decidedBy" text, "candidateCount" int, reason text)
     where p.id = j.id and p.tenant_id = $1`,
    [rows.tenantId, JSON.stringify(changed)],
  );
  return changed.length;
}
