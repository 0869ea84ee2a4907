import type { EntityManager } from '@mikro-orm/postgresql';
import type { ProviderSubscriptionAppearedV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { InvalidPartNumber, PartNumber, Period } from '@isthmus/domain';
import type { Message, Statements } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { judgePartNumbers } from './judge-part-numbers.ts';
import { knowPartNumbers, partNumberId, type UsedPartNumber } from './know-part-numbers.ts';
import { isNewsOf } from './news-of-subscription.ts';

/** Keeps which part numbers a provider subscription uses, and judges them. Lines that were not read change nothing. */
export async function noteUses(
  em: EntityManager,
  told: ProviderSubscriptionAppearedV1,
  message: Message,
): Promise<void> {
  const client = clientOf(em);
  if (!(await isNewsOf(client, told.providerSubscriptionId, message)) || !told.quantityKnown) return;
  const owner = { tenantId: message.tenantId, connectorId: told.connectorId };
  const periods = {
    billingPeriod: Period.iso(told.billingPeriod) ?? '',
    term: Period.iso(told.term) ?? '',
  };
  const uses = told.lines.flatMap((line, index) => {
    const used = usedBy(line, periods);
    return used ? [{ line: index, ...line, used, partNumberId: partNumberId(owner, used) }] : [];
  });
  await client.query('delete from subscription_uses where provider_subscription_id = $1 and tenant_id = $2', [
    told.providerSubscriptionId,
    owner.tenantId,
  ]);
  if (!uses.length) return;
  const used = uses.map((use) => use.used);
  await knowPartNumbers(client, owner, used);
  await insertUses(client, owner.tenantId, told, uses);
  await judgePartNumbers(client, {
    ...owner,
    keys: used.map(({ partNumber }) => PartNumber.key(partNumber)),
  });
}

function usedBy(
  { vendor, mpn, name }: SubscriptionLineV1,
  periods: { billingPeriod: string; term: string },
): UsedPartNumber | undefined {
  try {
    return { partNumber: PartNumber.of(vendor.trim(), mpn.trim()), ...periods, seenName: name };
  } catch (error) {
    if (error instanceof InvalidPartNumber) return undefined;
    throw error;
  }
}

type Use = SubscriptionLineV1 & { line: number; partNumberId: string };

async function insertUses(
  client: Statements,
  tenantId: string,
  told: ProviderSubscriptionAppearedV1,
  uses: readonly Use[],
): Promise<void> {
  await client.query(
    `insert into subscription_uses (provider_subscription_id, line, tenant_id, connector_id, cmp_subscription_id,
       provider_account_id, part_number_id, cmp_product_id, name, quantity, status)
     select $2, u.line, $1, $3, $4, $5, u."partNumberId", u."productId", u.name, u.quantity, $6
     from json_to_recordset($7) as u(line int, "partNumberId" uuid, "productId" text, name text, quantity numeric)`,
    [
      tenantId,
      told.providerSubscriptionId,
      told.connectorId,
      told.cmpSubscriptionId,
      told.providerAccountId ?? null,
      told.status,
      JSON.stringify(uses),
    ],
  );
}
