import { Injectable } from '@nestjs/common';
import { ProductWithdrawnV1, type CatalogRecordCounts } from '@isthmus/contracts';
import { emitMany, event, type Message, type Statements } from '@isthmus/messaging';
import type { TenantRows } from '@isthmus/service-kit';
import { ConnectorRecords } from '@isthmus/sync-engine';
import { productFacts, type ToldProduct } from '../products/product.ts';
import { closePrices } from '../products/prices.store.ts';

/** What depends on a connector here. */
export async function countConnectorRecords(
  rows: TenantRows,
  connectorId: string,
): Promise<CatalogRecordCounts> {
  const [counts] = await rows.select<CatalogRecordCounts & Record<string, unknown>>(
    `select
       (select count(*)::int from products where tenant_id = $1 and connector_id = $2 and gone_at is null) as products,
       (select count(*)::int from part_number_mappings
        where tenant_id = $1 and connector_id = $2 and ended_at is null) as mappings`,
    [connectorId],
  );
  return counts!;
}

const batchSize = 2_000;
const reason = 'connector-removed' as const;

const withdraw = `
  with batch as (
    select id from products where tenant_id = $1 and connector_id = $2 and gone_at is null limit ${batchSize})
  update products p set gone_at = now(), gone_reason = '${reason}', version = p.version + 1
  from batch where p.id = batch.id
  returning p.id as "productId", p.cmp_id as "cmpId", p.vendor, p.mpn, p.name, p.service_name as "serviceName",
    p.billing_period as "billingPeriod", p.term, p.version`;

/** The catalogue of a removed connector: nothing of it can be ordered; mappings stay for the day it is set up again. */
@Injectable()
export class CatalogRecords extends ConnectorRecords {
  async endAll(client: Statements, connectorId: string, cause: Message): Promise<void> {
    const { tenantId, time: asOf } = cause;
    const origin = { tenantId, connectorId, asOf };
    for (;;) {
      const { rows } = await client.query<ToldProduct & { version: number }>(withdraw, [
        tenantId,
        connectorId,
      ]);
      if (rows.length === 0) break;
      await closePrices(
        client,
        rows.map(({ productId }) => productId),
        origin,
      );
      await emitMany(
        client,
        rows.map(({ version, ...product }) =>
          event(
            ProductWithdrawnV1,
            { ...productFacts(product, origin), reason },
            { tenantId, aggregateId: product.productId, version, cause },
          ),
        ),
      );
    }
    // The next catalogue sync judges them again; what a person excluded stays so.
    await client.query(
      `update part_numbers set state = 'unmapped', product_id = null, decided_by = null, candidate_count = 0,
         reason = 'Its connector was removed.', judged_at = now()
       where tenant_id = $1 and connector_id = $2 and state <> 'excluded'`,
      [tenantId, connectorId],
    );
  }
}
