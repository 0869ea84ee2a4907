import { storable } from '../records/fields.ts';

/** The fields of a body that are kept; in a list, of each of its entries. */
interface Kept {
  readonly [field: string]: true | Kept;
}

const money: Kept = { amount: true, currency: true };

const order: Kept = {
  id: true,
  orderNumber: true,
  type: true,
  status: true,
  statusCode: true,
  creationDate: true,
  provisioningDate: true,
  scheduledOn: true,
  subscriptionId: true,
  poNumber: true,
  total: money,
  products: { mpn: true, id: true, quantity: true, subscriptionId: true, unitPrice: money },
};

const subscription: Kept = {
  id: true,
  status: true,
  renewalStatus: true,
  renewalDate: true,
  expirationDate: true,
  lastModifiedDate: true,
  products: { mpn: true, id: true, quantity: true, unitPrice: money },
};

const page = (of: Kept): Kept => ({ data: of, pagination: { offset: true, limit: true, total: true } });

/**
 * What may be kept of CMP's responses, by operation: ids, states, dates, quantities and prices. Names, addresses, domains and
 * parameter values are not in it, nor is anything that CMP adds one day.
 */
const keptOf: ReadonlyMap<string, Kept> = new Map([
  ['orders.place', order],
  ['orders.get', order],
  ['orders.update', order],
  ['orders.page', page(order)],
  ['orders.estimate', { total: money, products: order.products as Kept }],
  ['subscriptions.get', subscription],
  ['subscriptions.update', subscription],
  ['subscriptions.page', page(subscription)],
  ['parameters.validate', { data: { mpn: true, parameters: { name: true, result: true } } }],
]);

const maxEntries = 50;
const maxLength = 200;

/** The allowed fields of a response; undefined if none are. Long lists and strings are cut. */
export function keptFields(operation: string, body: unknown): object | undefined {
  const kept = keptOf.get(operation);
  const found = kept && keep(body, kept);
  return typeof found === 'object' && Object.keys(found).length > 0 ? found : undefined;
}

function keep(value: unknown, kept: true | Kept): object | string | number | boolean | undefined {
  if (kept === true) return simple(value);
  if (Array.isArray(value)) return value.slice(0, maxEntries).map((entry) => keep(entry, kept) ?? {});
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = Object.entries(kept).flatMap(([field, inner]) => {
    const found = Object.hasOwn(value, field) ? keep((value as never)[field], inner) : undefined;
    return found === undefined ? [] : [[field, found] as const];
  });
  return Object.fromEntries(fields);
}

/** A field that is expected to be simple and is not may contain anything. */
function simple(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'string') return storable(value.slice(0, maxLength));
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
