import type { ProviderSubscriptionAppearedV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { type Message, type SqlClient, statementsOf } from '@isthmus/messaging';
import type { CursorKey } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Product } from '../products/products.store.ts';
import { type KnownPartNumber, type SeenSubscription, SubscriptionUse } from './part-number.entity.ts';

const statements = statementsOf<
  typeof SeenSubscription | typeof SubscriptionUse | typeof KnownPartNumber | typeof Product
>();

/** A line with the part number it uses. */
type Use = SubscriptionLineV1 & { line: number; partNumberId: string };

/** All lines in one statement, from one JSON array. */
export async function insertUses(
  client: SqlClient,
  tenantId: string,
  subscription: ProviderSubscriptionAppearedV1,
  uses: readonly Use[],
): Promise<void> {
  await client.query(
    `insert into subscription_uses (provider_subscription_id, line, tenant_id, connector_id, cmp_subscription_id,
       provider_account_id, part_number_id, cmp_product_id, name, quantity, status)
     select $2, u.line, $1, $3, $4, $5, u."partNumberId", u."productId", u.name, u.quantity, $6
     from json_to_recordset($7) as u(line int, "partNumberId" uuid, "productId" text, name text, quantity numeric)`,
    [
      tenantId,
      subscription.providerSubscriptionId,
      subscription.connectorId,
      subscription.cmpSubscriptionId,
      subscription.providerAccountId ?? null,
      subscription.status,
      JSON.stringify(uses),
    ],
  );
}

export async function deleteUses(
  em: EntityManager,
  tenantId: string,
  providerSubscriptionId: string,
): Promise<void> {
  await em.nativeDelete(SubscriptionUse, { tenantId, providerSubscriptionId });
}

/** Records the version of a subscription; false when this or a later one is known already. */
export async function isNewer(
  em: EntityManager,
  providerSubscriptionId: string,
  { tenantId, aggregateVersion: version }: Message,
): Promise<boolean> {
  const written = await statements(em)
    .insertInto('SeenSubscription')
    .values({ providerSubscriptionId, tenantId, version })
    .onConflict((conflict) =>
      conflict
        .column('providerSubscriptionId')
        .doUpdateSet({ version })
        .where('SeenSubscription.version', '<', version)
        .where('SeenSubscription.tenantId', '=', tenantId),
    )
    .returning('version')
    .execute();
  return written.length === 1;
}

interface UseFilter {
  tenantId: string;
  connectorId: string;
  /** Only uses of this part number, with any periods. */
  partNumberKey?: string;
  billingPeriod?: string;
  term?: string;
  /** Only uses whose part number resolves to this product, or whose line names it. */
  productId?: string;
}

/** A line of a live subscription with the part number it uses. */
export type ListedUse = Awaited<ReturnType<typeof listUses>>[number];

/** Live subscriptions that use a part number or a product; one row more than `limit` if there are more. */
export function listUses(
  em: EntityManager,
  { tenantId, connectorId, partNumberKey, billingPeriod, term, productId }: UseFilter,
  after: CursorKey | undefined,
  limit: number,
) {
  return statements(em)
    .selectFrom('SubscriptionUse as u')
    .innerJoin('KnownPartNumber as n', 'n.id', 'u.partNumberId')
    .select([
      'u.providerSubscriptionId',
      'u.line',
      'u.cmpSubscriptionId',
      'u.providerAccountId',
      'n.partNumber',
      'n.billingPeriod',
      'n.term',
      'u.cmpProductId',
      'u.name',
      'u.quantity',
      'u.status',
    ])
    .where('u.tenantId', '=', tenantId)
    .where('u.connectorId', '=', connectorId)
    .$if(partNumberKey !== undefined, (query) => query.where('n.partNumberKey', '=', partNumberKey!))
    .$if(billingPeriod !== undefined, (query) => query.where('n.billingPeriod', '=', billingPeriod!))
    .$if(term !== undefined, (query) => query.where('n.term', '=', term!))
    .$if(productId !== undefined, (query) =>
      query.where(({ eb, or, selectFrom }) =>
        or([
          eb('n.productId', '=', productId!),
          eb(
            'u.cmpProductId',
            '=',
            selectFrom('Product as p').select('p.cmpProductId').where('p.id', '=', productId!),
          ),
        ]),
      ),
    )
    .$if(after !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => {
        const [id, line] = after as [string, number];
        return eb(
          refTuple('u.providerSubscriptionId', 'u.line'),
          '>',
          tuple(eb.val(id), eb.cast<number>(eb.val(line), 'bigint')),
        );
      }),
    )
    .orderBy('u.providerSubscriptionId')
    .orderBy('u.line')
    .limit(limit + 1)
    .execute();
}
