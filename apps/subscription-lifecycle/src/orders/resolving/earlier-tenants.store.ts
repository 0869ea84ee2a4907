import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { statements } from '../../tables.ts';
import type { TenantRules } from './microsoft-parameters.ts';

/** A Microsoft tenant that an account has bought for; by its domain, or by its id. */
export interface EarlierTenant {
  domain?: string;
  tenantId?: string;
  /** The last purchase for it. */
  orderId: string;
}

/** A parameter of a purchase that names a tenant. */
interface EarlierParameter {
  name: string;
  value: string;
  orderId: string;
}

/** More than one is too many to choose from; these are for people to read. */
const most = 20;

/** The tenants of the account's settled purchases from Microsoft, the last one first. */
export async function readEarlierTenants(
  em: EntityManager,
  tenantId: string,
  { connectorId, cmpAccountId }: { connectorId: string; cmpAccountId: string },
  rules: TenantRules,
): Promise<EarlierTenant[]> {
  const names = ['microsoft_domain', 'microsoft_tenant_id', rules.legacyDomainParameter];
  const spec = sql`o.record -> 'spec'`;
  const parameters = sql<{ name: string; value: string }>`json_to_recordset(
    case when json_typeof(${spec} -> 'parameters') = 'array' then ${spec} -> 'parameters' else '[]' end)`;
  const found: EarlierParameter[] = await statements(em)
    .selectFrom('Order as o')
    .innerJoinLateral(
      sql<{ name: string; value: string }>`(select * from ${parameters} as r (name text, value text))`.as(
        'p',
      ),
      (join) => join.onTrue(),
    )
    .select((eb) => [
      eb.ref('p.name').as('name'),
      eb.ref('p.value').as('value'),
      sql<string>`(array_agg(o.id order by o.position desc))[1]`.as('orderId'),
    ])
    .where('o.tenantId', '=', tenantId)
    .where('o.connectorId', '=', connectorId)
    .where('o.kind', '=', sql.lit('create'))
    .where('o.status', '=', sql.lit('settled'))
    .where('o.cmpAccountId', '=', cmpAccountId)
    .where(sql<boolean>`${spec} -> 'product' ->> 'vendor' ilike 'microsoft%'`)
    .where('p.name', 'in', names)
    .where(sql<boolean>`trim(p.value) <> ''`)
    .groupBy(['p.name', 'p.value'])
    .orderBy(sql`max(o.position)`, 'desc')
    .limit(most)
    .execute();
  return earlierTenants(found, rules);
}

/** The tenants that the parameters name, each once, by the whole domain in lower case. */
export function earlierTenants(
  found: readonly EarlierParameter[],
  { domainSuffix }: Pick<TenantRules, 'domainSuffix'>,
): EarlierTenant[] {
  const tenants = found.map(({ name, value, orderId }): EarlierTenant => {
    const text = value.trim().toLowerCase();
    if (name === 'microsoft_tenant_id') return { tenantId: text, orderId };
    return { domain: text.includes('.') ? text : `${text}${domainSuffix}`, orderId };
  });
  const keyOf = ({ domain, tenantId }: EarlierTenant): string => domain ?? tenantId ?? '';
  return tenants.filter((one, n) => tenants.findIndex((other) => keyOf(other) === keyOf(one)) === n);
}
