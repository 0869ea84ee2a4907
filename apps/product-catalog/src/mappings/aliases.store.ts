import { hash } from 'node:crypto';
import { matchKey, PartNumber, periodSuffix } from '@isthmus/domain';
import { statementsOf } from '@isthmus/messaging';
import { anywhere, audit, clientIn, type CursorKey, TenantRows } from '@isthmus/service-kit';
import { ConnectorNotFound } from '@isthmus/sync-engine';
import type { EntityManager } from '@mikro-orm/postgresql';
import { ProductNotFound } from '../products/product.ts';
import { periodLength, type Product } from '../products/products.store.ts';
import {
  type AliasCandidate,
  aliasName,
  type AliasRow,
  type NameInUse,
  parseName,
  planAliases,
} from './alias-plan.ts';
import type { PartNumberMapping } from './mapping.entity.ts';
import { AliasPreviewOutdated, AliasRefused } from './mappings.errors.ts';
import { lockMappings, writeMappings } from './mappings.store.ts';

const statements = statementsOf<typeof PartNumberMapping | typeof Product>();

/** The products that get an alias, and the pattern of its name. */
interface RequestedAliases {
  connectorId: string;
  /** Left out: every live product whose part number also stands for others. */
  productIds?: readonly string[];
  /** Restricts them to this vendor's products. */
  vendor?: string;
  pattern: string;
  /** For a single product: the name itself instead of a pattern. */
  partNumber?: string;
}

export interface AliasPlan {
  rows: AliasRow[];
  /** Equal for equal plans, so that a change in the meantime is detected. */
  fingerprint: string;
}

/**
 * The effect of creating these aliases now; nothing is written.
 * @throws ConnectorNotFound; ProductNotFound for an id that is not in this connector's catalogue
 */
export async function buildAliasPlan(rows: TenantRows, requested: RequestedAliases): Promise<AliasPlan> {
  const { connectorId, productIds, pattern, partNumber } = requested;
  // Allowed for a paused connector: CMP is not called.
  const known = await rows.select(
    `select from connectors where tenant_id = $1 and connector_id = $2 and status <> 'removed'`,
    [connectorId],
  );
  if (!known.length) throw new ConnectorNotFound(connectorId);
  const candidates = await readCandidates(rows, requested);
  const found = new Set(candidates.map(({ productId }) => productId));
  const missing = productIds?.find((id) => !found.has(id.toLowerCase()));
  if (missing) throw new ProductNotFound(missing);
  const named = candidates.map((candidate) =>
    partNumber === undefined ? aliasName(pattern, candidate) : parseName(partNumber),
  );
  const names = named.flatMap((one) => one.partNumber ?? []);
  const inUse = await parseNamesInUse(rows, connectorId, names);
  const plan = planAliases(candidates, named, (key) => inUse.get(key));
  const content = plan.map((row) => [
    row.productId,
    row.partNumber,
    row.outcome,
    row.problem,
    row.subscriptions,
  ]);
  return { rows: plan, fingerprint: hash('sha256', JSON.stringify(content), 'base64url') };
}

/**
 * Creates every alias of the plan that can be, in the transaction of `em`; the others are returned with their reason.
 * @param fingerprint of the preview
 * @throws AliasPreviewOutdated, ConnectorNotFound, ProductNotFound; AliasRefused when the only product that was named can have none
 */
export async function createAliases(
  em: EntityManager,
  tenantId: string,
  requested: RequestedAliases & { by: string; reason: string; fingerprint?: string },
): Promise<AliasPlan> {
  const { connectorId, by, reason, fingerprint } = requested;
  const client = clientIn(em);
  await lockMappings(client, connectorId);
  const plan = await buildAliasPlan(TenantRows.within(em, tenantId), requested);
  if (fingerprint !== undefined && fingerprint !== plan.fingerprint) throw new AliasPreviewOutdated();
  const [only] = plan.rows;
  if (requested.productIds?.length === 1 && only?.outcome === 'refused')
    throw new AliasRefused(only.problem!);
  await writeMappings(
    client,
    { tenantId, connectorId, by, source: 'person' },
    plan.rows.flatMap(({ outcome, partNumber, productId }) =>
      outcome === 'create'
        ? [
            {
              partNumber: PartNumber.parse(partNumber!),
              billingPeriod: '',
              term: '',
              productId,
              alias: true,
              reason,
            },
          ]
        : [],
    ),
  );
  const created = plan.rows.filter(({ outcome }) => outcome === 'create');
  if (created.length > 0)
    await audit(em, {
      ...{ tenantId, action: 'alias.create', thing: ['connector', connectorId], reason },
      after: {
        aliases: created.length,
        partNumbers: created.map(({ partNumber, productId }) => ({ partNumber, productId })),
      },
    });
  return plan;
}

/** A line belongs to the product with its CMP id; where the catalogue has none, vendor, MPN and periods decide. */
const usesSql = `
  select c.id as product_id, u.provider_subscription_id
  from candidates c join subscription_uses u on u.tenant_id = $1 and u.connector_id = $2 and u.cmp_product_id = c.cmp_id
  union all
  select c.id, u.provider_subscription_id
  from candidates c
    join part_numbers n on n.tenant_id = $1 and n.connector_id = $2
      and n.part_number_key = 'ingram:' || c.vendor_key || ':' || c.mpn_key
      and ${periodLength('n.billing_period')} = ${periodLength('c.billing_period')}
      and ${periodLength('n.term')} = ${periodLength('c.term')}
    join subscription_uses u on u.part_number_id = n.id and u.tenant_id = $1
  where not exists (
    select from products o where o.tenant_id = $1 and o.connector_id = $2 and o.cmp_id = u.cmp_product_id)`;

function readCandidates(
  rows: TenantRows,
  { connectorId, productIds, vendor }: RequestedAliases,
): Promise<AliasCandidate[]> {
  return rows.select(
    `with candidates as materialized (
       select p.id, p.cmp_id, p.vendor, p.mpn, p.vendor_key, p.mpn_key, p.name, p.term, p.billing_period, p.gone_at from products p
       where p.tenant_id = $1 and p.connector_id = $2
         and case when $3::uuid[] is not null then p.id = any($3)
           else p.gone_at is null and ($4::text is null or p.vendor_key = $4) and exists (
             select from products o where o.tenant_id = $1 and o.connector_id = $2 and o.vendor_key = p.vendor_key
               and o.mpn_key = p.mpn_key and o.gone_at is null and o.id <> p.id) end),
     uses as (select product_id, count(distinct provider_subscription_id)::int as n from (${usesSql}) u group by product_id)
     select c.id as "productId", c.cmp_id as "cmpId", c.vendor, c.mpn, c.name, c.term, c.billing_period as "billingPeriod",
       c.gone_at is not null as withdrawn, m.part_number as alias,
       coalesce(uses.n, 0) as subscriptions
     from candidates c left join uses on uses.product_id = c.id
       left join part_number_mappings m on m.tenant_id = $1 and m.connector_id = $2 and m.product_id = c.id
       and m.alias and m.ended_at is null
     order by c.vendor_key, c.mpn_key, c.term, c.billing_period, c.id`,
    [connectorId, productIds ?? null, vendor === undefined ? null : matchKey(vendor)],
  );
}

/** Looks up what names already resolve to, by their keys. */
async function parseNamesInUse(
  rows: TenantRows,
  connectorId: string,
  names: readonly PartNumber[],
): Promise<Map<string, NameInUse>> {
  const places = new Map<string, { key: string; vendor: string; mpn: string; billing: string | null }>();
  for (const name of names) {
    const [key, vendor, suffix] = [PartNumber.key(name), matchKey(name.vendor), periodSuffix(name.mpn)];
    places.set(key, { key, vendor, mpn: matchKey(name.mpn), billing: null });
    if (suffix)
      places.set(`${key} stem`, { key, vendor, mpn: matchKey(suffix.stem), billing: suffix.billingPeriod });
  }
  const found = await rows.select<{ key: string } & NameInUse>(
    `with places as materialized (select * from json_to_recordset($3) as n(key text, vendor text, mpn text, billing text))
     select n.key,
       (select coalesce(json_agg(json_build_object('productId', m.product_id, 'billingPeriod', m.billing_period, 'term', m.term)), '[]')
        from part_number_mappings m where m.tenant_id = $1 and m.connector_id = $2 and m.part_number_key = n.key
          and m.ended_at is null) as mappings,
       coalesce((select json_agg(distinct p.id) from places i join products p on p.tenant_id = $1 and p.connector_id = $2
          and p.mpn_key = i.mpn and p.vendor_key = i.vendor
          and (i.billing is null or ${periodLength('p.billing_period')} = ${periodLength('i.billing')})
        where i.key = n.key), '[]') as "productIds",
       (select count(distinct u.provider_subscription_id)::int from part_numbers k join subscription_uses u on u.part_number_id = k.id
        where k.tenant_id = $1 and k.connector_id = $2 and k.part_number_key = n.key) as subscriptions
     from (select distinct key from places) n`,
    [connectorId, JSON.stringify([...places.values()])],
  );
  return new Map(found.map(({ key, ...inUse }) => [key, inUse]));
}

/** An alias in force with its product. */
export type AliasInForce = Awaited<ReturnType<typeof listAliases>>[number];

interface AliasFilter {
  tenantId: string;
  connectorId?: string;
  productId?: string;
  q?: string;
}

/** Active aliases, by part number; one row more than `limit` if there are more. */
export function listAliases(
  em: EntityManager,
  { tenantId, connectorId, productId, q }: AliasFilter,
  after: CursorKey | undefined,
  limit: number,
) {
  return statements(em)
    .selectFrom('PartNumberMapping as m')
    .innerJoin('Product as p', (join) =>
      join.onRef('p.id', '=', 'm.productId').onRef('p.tenantId', '=', 'm.tenantId'),
    )
    .select([
      'm.connectorId',
      'm.partNumber',
      'm.partNumberKey',
      'm.productId',
      'm.reason',
      'm.mappedBy',
      'm.mappedAt',
      'p.vendor',
      'p.mpn',
      'p.name',
      'p.term',
      'p.billingPeriod',
      'p.goneAt',
    ])
    .where('m.tenantId', '=', tenantId)
    .where('m.alias', '=', true)
    .where('m.endedAt', 'is', null)
    .$if(connectorId !== undefined, (query) => query.where('m.connectorId', '=', connectorId!))
    .$if(productId !== undefined, (query) => query.where('m.productId', '=', productId!))
    .$if(q !== undefined, (query) =>
      query.where(
        ({ fn, val }) => fn<string>('concat_ws', [val(' '), 'm.partNumber', 'p.name', 'p.mpn']),
        'ilike',
        anywhere(q!),
      ),
    )
    .$if(after !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => {
        const [key, id] = after as [string, string];
        return eb(refTuple('m.partNumberKey', 'm.productId'), '>', tuple(eb.val(key), eb.val(id)));
      }),
    )
    .orderBy('m.partNumberKey')
    .orderBy('m.productId')
    .limit(limit + 1)
    .$narrowType<{ productId: string }>()
    .execute();
}
