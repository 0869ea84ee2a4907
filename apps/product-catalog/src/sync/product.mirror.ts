import type { CmpProduct } from '@isthmus/cmp-client';
import { ProductAppearedV1, ProductChangedV1, ProductWithdrawnV1 } from '@isthmus/contracts';
import { matchKey, Period } from '@isthmus/domain';
import { event } from '@isthmus/messaging';
import type { Mirror } from '@isthmus/sync-engine';
import { nameKey, normalizeMpn } from '../part-numbers/suggestions.ts';
import { closePrices, writePrices } from '../products/prices.store.ts';
import { productEventData, toPublished } from '../products/product.ts';

const text = (value: number | undefined) => (value === undefined ? null : String(value));

/** CMP's catalogue. A withdrawn product stays, as subscriptions and mappings name it. */
export const productMirror: Mirror<CmpProduct> = {
  kind: 'product',
  table: 'products',
  columns: [
    { name: 'cmp_id', type: 'text', of: ({ id }) => id },
    { name: 'cmp_product_id', type: 'text', of: ({ productId }) => productId ?? null },
    { name: 'vendor', type: 'text', of: ({ vendor }) => vendor, publishedAs: 'vendor' },
    { name: 'mpn', type: 'text', of: ({ mpn }) => mpn, publishedAs: 'mpn' },
    { name: 'vendor_key', type: 'text', of: ({ vendor }) => matchKey(vendor) },
    { name: 'mpn_key', type: 'text', of: ({ mpn }) => matchKey(mpn) },
    { name: 'mpn_squeezed', type: 'text', of: ({ mpn }) => normalizeMpn(mpn) },
    { name: 'name_key', type: 'text', of: ({ name }) => nameKey(name ?? '') },
    { name: 'name', type: 'text', of: ({ name }) => name ?? '', publishedAs: 'name' },
    {
      name: 'service_name',
      type: 'text',
      of: ({ serviceName }) => serviceName ?? null,
      publishedAs: 'serviceName',
    },
    {
      name: 'billing_period',
      type: 'text',
      of: (row) => Period.iso(row.billingPeriod),
      publishedAs: 'billingPeriod',
    },
    { name: 'term', type: 'text', of: (row) => Period.iso(row.subscriptionPeriod), publishedAs: 'term' },
    {
      name: 'billing_model',
      type: 'text',
      of: ({ billingModel }) => billingModel ?? null,
      publishedAs: 'billingModel',
    },
    { name: 'minimum', type: 'numeric', of: (row) => text(row.minimumQuantity), publishedAs: 'minimum' },
    { name: 'maximum', type: 'numeric', of: (row) => text(row.maximumQuantity), publishedAs: 'maximum' },
    { name: 'prices', type: 'json', of: ({ prices }) => JSON.stringify(prices), publishedAs: 'prices' },
    { name: 'costs', type: 'json', of: ({ costs }) => JSON.stringify(costs), publishedAs: 'costs' },
    {
      name: 'depends_on',
      type: 'json',
      of: ({ dependsOn }) => JSON.stringify(dependsOn),
      publishedAs: 'dependsOn',
    },
    {
      name: 'coterming',
      type: 'json',
      of: ({ coterming }) => (coterming ? JSON.stringify(coterming) : null),
      publishedAs: 'coterming',
    },
  ],
  cmpIdOf: ({ id }) => id,
  // CMP's list has no status: a product is offered as long as it is listed.
  isLive: () => true,
  liveSql: 'true',
  derived: { gone_reason: 'null::text' },
  event({ kind, id, version, value, changed }, origin) {
    const data = productEventData(toPublished(id, value), origin);
    const facts = { tenantId: origin.tenantId, aggregateId: id, version };
    return kind === 'appeared'
      ? event(ProductAppearedV1, data, facts)
      : event(ProductChangedV1, { ...data, changed }, facts);
  },
  noLongerListed(row, origin) {
    const stored = row as Record<string, string> & { version: number };
    const data = productEventData(
      {
        productId: stored.id!,
        cmpId: stored.cmp_id!,
        vendor: stored.vendor!,
        mpn: stored.mpn!,
        name: stored.name!,
        serviceName: stored.service_name ?? null,
        billingPeriod: stored.billing_period ?? null,
        term: stored.term ?? null,
      },
      origin,
    );
    return event(ProductWithdrawnV1, data, {
      tenantId: origin.tenantId,
      aggregateId: stored.id!,
      version: stored.version,
    });
  },
  afterWrite: writePrices,
  afterNoLongerListed: closePrices,
};
