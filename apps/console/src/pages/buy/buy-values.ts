import type { Input, Operation } from '@isthmus/sdk';

type PlaceOrder = Input<Operation<'post', '/v1/orders'>>['body'];

/** What is bought for whom, as the address says. */
export interface Purchase {
  account: string;
  part: string;
  period?: string | undefined;
  term?: string | undefined;
}

export interface BuyValues {
  seats: string;
  /** One `name=value` a line, as CMP names them. */
  parameters: string;
}

/** The lines that are no `name=value`. */
export const badLines = (text: string): string[] =>
  linesOf(text).filter((line) => !/^[^=\s][^=]*=/.test(line));

export const parametersIn = (text: string): { name: string; value: string }[] =>
  linesOf(text).map((line) => {
    const at = line.indexOf('=');
    return { name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
  });

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);

export function purchaseOrder({ account, part, period, term }: Purchase, values: BuyValues): PlaceOrder {
  const parameters = parametersIn(values.parameters);
  return {
    kind: 'create',
    providerAccountId: account,
    partNumber: part,
    seats: Number(values.seats),
    ...(period && { billingPeriod: period }),
    ...(term && { term }),
    ...(parameters.length > 0 && { parameters }),
  };
}
