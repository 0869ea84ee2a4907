import { Injectable } from '@nestjs/common';
import { ProductWithdrawnV1 } from '@isthmus/contracts';
import { emitMany, event, type Message, type SqlClient } from '@isthmus/messaging';
import { ConnectorRecords } from '@isthmus/sync-engine';
import { closePrices } from '../products/prices.store.ts';
import { productEventData, type PublishedProduct } from '../products/product.ts';

const batchSize = 2_000;
const reason = 'connector-removed' as const;

const withdraw = `
  with batch as (
    select id from products where tenant_id = $1 and connector_id = $2 and gone_at is null limit ${batchSize})
  update products p set gone_at = now(), gone_reason = '${reason}', version = p.version + 1
  from batch where p.id = batch.id
  returning p.id as "productId", p.cmp_id as "cmpId", p.vendor, p.mpn, p.name, p.service_name as "serviceName",
    p.billing_period as "billingPeriod", p.term, p.version`;

/** Withdraws the catalogue of a removed connector; mappings are retained in case the connector is created again. */
@Injectable()
export class CatalogRecords extends ConnectorRecords {
  async endAll(client: SqlClient, connectorId: string, cause: Message): Promise<void> {
    const { tenantId, time: asOf } = cause;
    const origin = { tenantId, connectorId, asOf };
    for (;;) {
      const { rows } = await client.query<PublishedProduct & { version: number }>(withdraw, [
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
            { ...productEventData(product, origin), reason },
            { tenantId, aggregateId: product.productId, version, cause },
          ),
        ),
      );
    }
    // The next catalogue sync evaluates them again; what a person excluded stays excluded.
    await client.query(
      `update part_numbers set state = 'unmapped', product_id = null, decided_by = null, candidate_count = 0,
         reason = 'Its connector was removed.', judged_at = now()
       where tenant_id = $1 and connector_id = $2 and state <> 'excluded'`,
      [tenantId, connectorId],
    );
  }
}
