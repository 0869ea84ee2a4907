import { ResolvePartNumber } from '@isthmus/contracts';
import { Money, Period } from '@isthmus/domain';
import type { Asker } from '@isthmus/messaging';
import type { TenantRows } from '@isthmus/service-kit';
import { AccountNotFound } from '../domain/not-found.errors.ts';
import { unsupported } from '../domain/nce/supported.ts';
import { tenantParameterErrors, type TenantRules } from '../domain/nce/tenant-parameters.ts';
import type { CreateAsk } from '../domain/order/order-ask.ts';
import type { OrderBasis } from '../domain/quote/order-basis.ts';
import { OrderRefused } from '../domain/order-refused.error.ts';
import { TenantParametersRefused } from '../domain/tenant-parameters-refused.error.ts';
import type { PlaceOrder } from '../http/place-order.dto.ts';
import { accountAtOwner } from './account-at-owner.ts';
import { connectorRemoved } from '../persistence/connector-records.ts';

/**
 * What a purchase means at CMP. The part number has to resolve to exactly one product; nothing is sent to CMP.
 * @throws AccountNotFound, OrderRefused, TenantParametersRefused
 */
export async function askOfPurchase(
  order: PlaceOrder,
  rows: TenantRows,
  asker: Asker,
  rules: TenantRules,
): Promise<{ ask: CreateAsk; connectorId: string; subscriptionId: null; basis: OrderBasis }> {
  const { providerAccountId = '', partNumber = '', seats = 0, parameters = [] } = order;
  const [known] = await rows.select<{ connectorId: string; cmpAccountId: string; removed: boolean }>(
    `select connector_id as "connectorId", cmp_account_id as "cmpAccountId", ${connectorRemoved('a')} as removed
     from provider_accounts a where tenant_id = $1 and id = $2`,
    [providerAccountId],
  );
  const account = known ?? (await accountAtOwner(asker, rows.tenantId, providerAccountId));
  if (!account) throw new AccountNotFound(providerAccountId);
  const { connectorId, cmpAccountId } = account;
  if (known?.removed)
    throw new OrderRefused(
      'connector-removed',
      'The connector of the account was removed.',
      'Set the connector up again for the same account of CMP, then order.',
    );
  const question = { partNumber, billingPeriod: order.billingPeriod, term: order.term };
  const { answers } = await asker.ask(ResolvePartNumber, {
    tenantId: rows.tenantId,
    connectorId,
    questions: [question],
  });
  const { product, reason } = answers[0] ?? {};
  if (!product)
    throw new OrderRefused(
      'part-number-not-resolved',
      reason ?? `${partNumber} does not name exactly one product.`,
      'Give billing period and term, or map the part number to a product.',
    );
  const refusal = unsupported('create', product);
  if (refusal) throw new OrderRefused(refusal.code, refusal.detail, refusal.nextStep);
  const { minimum = 1, maximum = Infinity } = product;
  if (seats < minimum || seats > maximum)
    throw new OrderRefused(
      'quantity-out-of-range',
      `${product.name} can be bought with ${minimum} to ${maximum} seats, not with ${seats}.`,
      'Order a number of seats within the limits.',
    );
  const wrong = tenantParameterErrors(product, parameters, rules, Date.now());
  if (wrong.length > 0) throw new TenantParametersRefused(wrong);
  const ask: CreateAsk = {
    kind: 'create',
    cmpAccountId,
    seats,
    parameters: parameters.map((parameter) => ({ ...parameter })),
    product: {
      vendor: product.vendor,
      mpn: product.mpn,
      cmpProductId: product.cmpProductId,
      name: product.name,
      billingPeriod: product.billingPeriod ? Period.parse(product.billingPeriod) : undefined,
      term: product.term ? Period.parse(product.term) : undefined,
    },
  };
  const { unitPrice, dependsOn } = product;
  const basis: OrderBasis = {
    unitPrice: unitPrice ? Money.of(unitPrice.amount, unitPrice.currency) : null,
    dependsOn,
    subscription: null,
  };
  return { ask, connectorId, subscriptionId: null, basis };
}
