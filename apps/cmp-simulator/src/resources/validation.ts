import type { FastifyInstance } from 'fastify';
import type { LineRequest } from '../orders/order-request.ts';
import { orderingCustomer } from '../rules/ordering-customer.ts';
import { checkParameters, type ParameterVerdict } from '../orders/purchase-parameters.ts';
import { resolveProduct } from '../rules/resolve-product.ts';
import { CmpRefusal } from '../wire/errors.ts';
import { listing } from '../wire/query.ts';
import type { Wire } from '../wire/simple-api.ts';
import { guid } from '../world/random.ts';

type Posted = Wire<'ParameterValidationRequest'>;

/**
 * POST /validation/parameters: judges the parameters of each product without ordering it. Parameters that are missing
 * are answered too, with their allowed values, so this is also how to find out what a product needs.
 */
export function validation(app: FastifyInstance): void {
  app.post('/validation/parameters', ({ call, body }) => {
    const { world } = call.account;
    const { customerId, products } = (body ?? {}) as Partial<Posted>;
    if (!customerId || !Array.isArray(products))
      throw new CmpRefusal(400, 'customerId and products must be specified.');
    const customer = orderingCustomer(world, String(customerId));
    const data = products.map((product): Wire<'ParameterValidationResult'> => {
      const parameters = product.parameters ?? [];
      const item = resolveProduct(world, {
        ...product,
        quantity: product.quantity ?? 1,
        parameters,
      } as LineRequest);
      return {
        id: item.id,
        mpn: item.mpn,
        vendor: item.vendor,
        billingPeriod: item.billing,
        subscriptionPeriod: item.term,
        draftRequestId: product.draftRequestId || guid(world.random),
        parameters: checkParameters(world, customer.id, item, parameters).map(verdictView),
      };
    });
    return listing({ offset: 0, limit: Math.max(1, data.length) }, data.length, data);
  });
}

function verdictView({
  name,
  result,
  message,
  value,
  choices,
  structured_value,
}: ParameterVerdict): Wire<'Parameter'> {
  return {
    name,
    result,
    message,
    ...(value === undefined ? {} : { value }),
    ...(result === 'error' ? { valueError: message } : {}),
    valueChoices: choices,
    phase: 'ordering',
    reconciliation: false,
    type: choices.length > 0 ? 'dropdown' : structured_value ? 'object' : 'text',
    ...(structured_value ? { structured_value: structured_value as Record<string, never> } : {}),
  };
}
