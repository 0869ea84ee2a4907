import type { SqlClient } from '@isthmus/messaging';
import { periodLength } from '../products/products.store.ts';

interface ImportRef {
  id: string;
  tenantId: string;
  connectorId: string;
}

/** A part number that occurs twice is refused unless both rows are the same, because it is unclear which one is intended. */
const evaluateDuplicates = `
  with same as (
    select row, row_number() over w as nth, first_value(row) over w as first,
      min(action || ' ' || product) over g is distinct from max(action || ' ' || product) over g as contradictory
    from mapping_import_rows where import_id = $1 and part_number_key is not null
    window g as (partition by part_number_key, billing_period, term), w as (g order by row))
  update mapping_import_rows r
  set outcome = case when same.contradictory then 'refused' else 'duplicate' end,
    problem = case when same.contradictory then 'Other rows contradict this one for the same part number and periods.'
      else 'The same as row ' || same.first || '.' end
  from same where r.import_id = $1 and r.row = same.row and (same.contradictory or same.nth > 1)`;

/** The product by CMP's id or ours, among those on offer. Each is looked up once, no matter how many rows name it. */
const findProducts = `
  with named as materialized (
    select distinct product from mapping_import_rows
    where import_id = $1 and action = 'map' and outcome not in ('duplicate', 'refused')),
  meant as (
    select n.product, p.id, p.gone_at from named n
    join products p on p.tenant_id = $2 and p.connector_id = $3 and p.cmp_id = n.product
    union all
    select n.product, p.id, p.gone_at from named n
    join products p on p.tenant_id = $2 and p.connector_id = $3
      and p.id = case when n.product ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then n.product::uuid end),
  found as (
    select n.product, max(m.id::text) filter (where m.gone_at is null)::uuid as id, bool_or(m.gone_at is not null) as withdrawn
    from named n left join meant m on m.product = n.product group by n.product)
  update mapping_import_rows r set product_id = found.id,
    outcome = case when found.id is null then 'refused' else r.outcome end,
    problem = case when found.id is null and found.withdrawn then 'CMP no longer lists product ' || r.product || '.'
      when found.id is null then 'The catalogue of this connector has no product ' || r.product || '.' end
  from found
  where r.import_id = $1 and r.product = found.product and r.action = 'map' and r.outcome not in ('duplicate', 'refused')
    and (found.id is null or r.product_id is distinct from found.id)`;

const periodColumns = [
  ['billing_period', 'billing period'],
  ['term', 'term'],
] as const;

/** A mapping for particular periods must lead to a product that has them. */
const refuseContradictions = periodColumns.map(
  ([column, word]) => `
  update mapping_import_rows r set outcome = 'refused',
    problem = 'A mapping for ${word} ' || r.${column} || ' cannot lead to product ' || r.product || ', whose ${word} is ' || p.${column} || '.'
  from products p
  where r.import_id = $1 and p.tenant_id = $2 and p.id = r.product_id and r.action = 'map' and r.outcome not in ('duplicate', 'refused')
    and r.${column} <> '' and ${periodLength(`r.${column}`)} <> ${periodLength(`p.${column}`)}`,
);

/** An alias stands for its product with any periods, so it accepts no mappings for particular ones. */
const refuseAliases = `
  update mapping_import_rows r set outcome = 'refused',
    problem = r.part_number || ' is the alias of a product. Unmap it first, or leave the periods out.'
  from part_number_mappings m
  where r.import_id = $1 and m.tenant_id = $2 and m.connector_id = $3 and m.part_number_key = r.part_number_key and m.alias
    and m.ended_at is null and r.action in ('map', 'exclude') and r.outcome not in ('duplicate', 'refused')
    and (r.billing_period <> '' or r.term <> '')`;

/** The effect of a row, given the active mappings. */
const evaluateEffects = `
  update mapping_import_rows r set outcome = effect.outcome
  from (
    select w.row, case
      when w.action = 'none' then 'unchanged'
      when w.action = 'unmap' then case when m.id is null then 'unchanged' else 'unmap' end
      when w.action = 'exclude' then case when m.id is not null and m.product_id is null then 'unchanged' else 'exclude' end
      when m.id is null then 'map'
      when m.product_id is not distinct from w.product_id then 'unchanged'
      else 'change' end as outcome
    from mapping_import_rows w
    left join part_number_mappings m on m.tenant_id = $2 and m.connector_id = $3 and m.part_number_key = w.part_number_key
      and m.billing_period = w.billing_period and m.term = w.term and m.ended_at is null
    where w.import_id = $1 and w.outcome not in ('duplicate', 'refused')) effect
  where r.import_id = $1 and r.row = effect.row and r.outcome <> effect.outcome`;

const count = `
  update mapping_imports set counts = (
    select coalesce(json_object_agg(outcome, n), '{}') from (
      select outcome, count(*) as n from mapping_import_rows where import_id = $1 group by outcome) by_outcome)
  where id = $1 and tenant_id = $2`;

/** Determines what every row would do now. May be called again: refusals stay. */
export async function evaluateImport(on: SqlClient, { id, tenantId, connectorId }: ImportRef): Promise<void> {
  const place = [id, tenantId, connectorId];
  await on.query(evaluateDuplicates, [id]);
  await on.query(findProducts, place);
  for (const refuse of refuseContradictions) await on.query(refuse, [id, tenantId]);
  await on.query(refuseAliases, place);
  await on.query(evaluateEffects, place);
  await on.query(count, [id, tenantId]);
}
