import { PartNumber } from '@isthmus/domain';
import { type SqlClient, statementsOf } from '@isthmus/messaging';
import { anywhere, type CursorKey, TenantRows } from '@isthmus/service-kit';
import { type Connector, mirrorId } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { KnownPartNumber, MappingState, SubscriptionUse } from './part-number.entity.ts';
import { resolveMany } from './resolution.store.ts';
import type { Resolution } from './resolution.ts';

const statements = statementsOf<typeof KnownPartNumber | typeof SubscriptionUse | typeof Connector>();

/** A part number with the number of live provider subscriptions that use it. */
export type ListedPartNumber = Awaited<ReturnType<typeof listPartNumbers>>[number];

interface PartNumberFilter {
  tenantId: string;
  connectorId?: string;
  states?: readonly MappingState[];
  q?: string;
}

/** `subscriptions`: those that most subscriptions wait for come first. */
export const partNumberSorts = ['part-number', 'subscriptions'] as const;
export type PartNumberSort = (typeof partNumberSorts)[number];

/** The mapping queue; one row more than `limit` if there are more. */
export function listPartNumbers(
  em: EntityManager,
  { q, ...filter }: PartNumberFilter,
  sort: PartNumberSort,
  after: CursorKey | undefined,
  limit: number,
) {
  const subscriptions = statements(em)
    .selectFrom('SubscriptionUse as u')
    .select(({ cast, fn }) => cast<number>(fn.count('u.providerSubscriptionId').distinct(), 'int4').as('n'))
    .where(({ eb, ref }) => eb('u.partNumberId', '=', ref('n.id' as 'u.partNumberId')))
    .$asScalar()
    .$notNull();
  return selectWaiting(em, filter)
    .select([
      'n.id',
      'n.connectorId',
      'n.partNumber',
      'n.partNumberKey',
      'n.billingPeriod',
      'n.term',
      'n.state',
      'n.productId',
      'n.decidedBy',
      'n.candidateCount',
      'n.reason',
      'n.seenName',
      'n.firstSeenAt',
      'n.judgedAt',
      subscriptions.as('subscriptions'),
    ])
    .$if(q !== undefined, (query) =>
      query.where(
        ({ fn, val }) => fn<string>('concat_ws', [val(' '), 'n.partNumber', 'n.seenName']),
        'ilike',
        anywhere(q!),
      ),
    )
    .$if(after !== undefined, (query) =>
      query.where(({ and, eb, or, refTuple, tuple }) => {
        const [key, id] = after!.slice(-2) as [string, string];
        const further = eb(refTuple('n.partNumberKey', 'n.id'), '>', tuple(eb.val(key), eb.val(id)));
        if (sort === 'part-number') return further;
        const used = eb.val(after![0] as number);
        return or([eb(subscriptions, '<', used), and([eb(subscriptions, '=', used), further])]);
      }),
    )
    .$if(sort === 'subscriptions', (query) => query.orderBy(subscriptions, 'desc'))
    .orderBy('n.partNumberKey')
    .orderBy('n.id')
    .limit(limit + 1)
    .execute();
}

export type StateCount = Awaited<ReturnType<typeof countStates>>[number];

/** Counts the part numbers in each state, and the live subscriptions that use them. */
export function countStates(em: EntityManager, filter: { tenantId: string; connectorId?: string }) {
  return selectWaiting(em, filter)
    .leftJoin('SubscriptionUse as u', 'u.partNumberId', 'n.id')
    .select(({ cast, fn }) => [
      'n.state',
      cast<number>(fn.count('n.id').distinct(), 'int4').as('partNumbers'),
      cast<number>(fn.count('u.providerSubscriptionId').distinct(), 'int4').as('subscriptions'),
    ])
    .groupBy('n.state')
    .execute();
}

/** Part numbers of a removed connector need no decision. */
function selectWaiting(em: EntityManager, { tenantId, connectorId, states }: Omit<PartNumberFilter, 'q'>) {
  return statements(em)
    .selectFrom('KnownPartNumber as n')
    .where('n.tenantId', '=', tenantId)
    .where(({ exists, not, selectFrom }) =>
      not(
        exists(
          selectFrom('Connector as c')
            .select('c.connectorId')
            .whereRef('c.connectorId', '=', 'n.connectorId')
            .whereRef('c.tenantId', '=', 'n.tenantId')
            .where('c.status', '=', 'removed'),
        ),
      ),
    )
    .$if(connectorId !== undefined, (query) => query.where('n.connectorId', '=', connectorId!))
    .$if(states !== undefined, (query) => query.where('n.state', 'in', states!));
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
  client: SqlClient,
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
type Evaluation = Pick<KnownPartNumber, 'state' | 'productId' | 'decidedBy' | 'candidateCount' | 'reason'>;

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

type QueuedPartNumber = Evaluation & Pick<KnownPartNumber, 'id' | 'partNumber' | 'billingPeriod' | 'term'>;

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
export async function reevaluatePartNumbers(client: SqlClient, scope: EvaluationScope): Promise<number> {
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
  client: SqlClient,
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
