import type { CallOptions, CmpOrderRequest } from '@isthmus/cmp-client';
import type { CmpOrdering } from './cmp-ordering.ts';

/** CMP's objections to the parameters of a purchase, in its words; it is asked only when there are any. */
export async function parameterObjections(
  cmp: Pick<CmpOrdering, 'parameters'>,
  { customerId, products = [] }: CmpOrderRequest,
  options?: CallOptions,
): Promise<string[]> {
  if (products.every(({ parameters = [] }) => parameters.length === 0)) return [];
  const answers = await cmp.parameters.validate({ customerId, type: 'sales', products }, options);
  return answers
    .flatMap(({ parameters }) => parameters)
    .filter(({ result }) => result === 'error')
    .map(({ name, message, valueError }) => `${name}: ${valueError ?? message ?? 'refused'}`);
}
