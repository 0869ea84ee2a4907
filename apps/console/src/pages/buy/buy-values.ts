import type { Answer, Input, Operation } from '@isthmus/sdk';

type PlaceOrder = Input<Operation<'post', '/v1/orders'>>['body'];
export type KnownParameter = Answer<Operation<'get', '/v1/purchase-parameters'>>['parameters'][number];

/** What is bought for whom, as the address says. */
export interface Purchase {
  account: string;
  part: string;
  period?: string | undefined;
  term?: string | undefined;
}

export interface BuyValues {
  seats: string;
  /** Those that the product is known to take, by CMP's name. */
  parameters: Record<string, string>;
  /** Others: one `name=value` a line, as CMP names them. */
  more: string;
}

/** The form as it begins: with what the platform would fill in. */
export const startValues = (minimum: number, known: readonly KnownParameter[]): BuyValues => ({
  seats: String(minimum),
  parameters: Object.fromEntries(fieldsOf(known).map(({ name, value }) => [name, value ?? ''])),
  more: '',
});

/** Parameters that are a text; an attestation is not. */
const fieldsOf = (known: readonly KnownParameter[]): KnownParameter[] =>
  known.filter(({ structuredValue, name }) => structuredValue === null && !name.includes('attestation'));

/** The domain of the customer's tenant, by the name that the product has for it. */
export const isDomain = ({ name }: Pick<KnownParameter, 'name'>): boolean =>
  name === 'microsoft_domain' || name === 'domain';

/** Whether it must be given, as far as that is known. */
export const isNeeded = (
  { name, required, requiredWhen }: KnownParameter,
  { tenant_preference: preference }: Record<string, string>,
): boolean =>
  required ||
  name === 'tenant_preference' ||
  (preference === 'new' && requiredWhen === 'tenant_preference is new');

/** The fields to show: those that have a value, need one, or lack one; and what a new tenant needs, once that is chosen. */
export const shownParameters = (
  known: readonly KnownParameter[],
  typed: Record<string, string>,
): KnownParameter[] =>
  fieldsOf(known).filter((one) => isNeeded(one, typed) || one.value !== null || one.problem !== null);

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

/**
 * Nothing of what is filled in anyway is sent, unless one of the values was changed: then they belong together, and all that are
 * shown are sent. A line of text wins over a field.
 */
function parametersOf(
  values: BuyValues,
  known: readonly KnownParameter[],
): { name: string; value: string }[] {
  const more = parametersIn(values.more);
  const fields = shownParameters(known, values.parameters).map(({ name, value }) => ({
    name,
    value: (values.parameters[name] ?? '').trim(),
    filled: value ?? '',
  }));
  if (fields.every(({ value, filled }) => value === filled)) return more;
  const named = new Set(more.map(({ name }) => name));
  return [
    ...fields.flatMap(({ name, value }) => (value && !named.has(name) ? [{ name, value }] : [])),
    ...more,
  ];
}

export function purchaseOrder(
  { account, part, period, term }: Purchase,
  values: BuyValues,
  known: readonly KnownParameter[],
): PlaceOrder {
  const parameters = parametersOf(values, known);
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
