import type { FastifyInstance } from 'fastify';
import { orderPage } from '../orders/orders.ts';
import { CmpRefusal } from '../wire/errors.ts';
import { listing, sliceParams, textParam } from '../wire/query.ts';
import type { Wire } from '../wire/simple-api.ts';
import type { World } from '../world/world.ts';
import type { CustomerState } from './customer.ts';

type ById = { Params: { id: string } };

/** A page of customers; `name` is similar, `email` that of a contact, `externalId` equal. */
function customerPage(world: World, query: unknown) {
  const slice = sliceParams(query);
  const name = textParam(query, 'name')?.toLowerCase();
  const email = textParam(query, 'email')?.toLowerCase();
  const externalId = textParam(query, 'externalId');
  const resellerId = textParam(query, 'resellerId');
  const narrowed = name ?? email ?? externalId ?? resellerId;
  const passes = (index: number): boolean => {
    const customer = world.customers.at(index);
    return (
      (name === undefined || customer.name.toLowerCase().includes(name)) &&
      (email === undefined ||
        customer.contactPersons.some((person) => person.email.toLowerCase() === email)) &&
      (externalId ?? customer.externalId) === customer.externalId &&
      (resellerId ?? customer.resellerId) === customer.resellerId
    );
  };
  const { rows, total } = world.customers.page(slice, narrowed === undefined ? {} : { passes });
  return listing(slice, total, rows);
}

/** The position of a customer; refuses (404) an unknown id. */
export function customerIndex(world: World, id: string): number {
  const index = world.customers.indexOf(id);
  if (index === undefined) throw new CmpRefusal(404, `Account #${id} is not found.`);
  return index;
}

/** GET and POST /customers, GET and PATCH /customers/{id}. */
export function customers(app: FastifyInstance): void {
  app.get('/customers', (request) => customerPage(request.call.account.world, request.query));
  app.post('/customers', (request) => createCustomer(request.call.account.world, request.body));
  app.get<ById>('/customers/:id', (request) => {
    const { world } = request.call.account;
    return world.customers.at(customerIndex(world, request.params.id));
  });
  app.patch<ById>('/customers/:id', (request) => {
    const { world } = request.call.account;
    return updateCustomer(world.customers.edit(customerIndex(world, request.params.id)), request.body);
  });
}

const required = {
  '': ['name', 'address', 'contactPersons', 'language'],
  address: ['streetAddress', 'postalCode', 'city', 'countryCode'],
  contactPersons: ['type', 'firstName', 'lastName', 'email', 'phoneNumber'],
} as const;
/** E.164, whole or split by `#`. */
const phoneNumber = /^(\+[1-9]\d{6,14}|\d{1,3}#\d*#\d{3,14}#\d*)$/;
/** Countries whose addresses need a state. */
const withStates = ['US', 'CA', 'AU', 'BR', 'IN'];
const patchable = ['name', 'externalId', 'taxRegId', 'address', 'contactPersons'] as const;

/** Creates a customer of the calling reseller; refuses (400) a body with missing fields, naming them. */
function createCustomer(world: World, body: unknown): CustomerState {
  const given = (body ?? {}) as Wire<'Customer'>;
  const { resellerId } = world.ground;
  demand(given, required[''], '');
  checkParts(given);
  return world.customers.add((index) => ({
    externalId: given.externalId,
    attributes: given.attributes ?? {},
    status: 'active',
    name: given.name,
    address: given.address,
    contactPersons: given.contactPersons.map(({ login: _, password: __, ...person }) => person),
    language: given.language,
    taxRegId: given.taxRegId,
    resellerId,
    id: world.customers.idOf(index),
  }));
}

/** Changes what may be changed; of the statuses only `active` and `creditHold` can be set. */
function updateCustomer(customer: CustomerState, body: unknown): CustomerState {
  const given = (body ?? {}) as Wire<'CustomerUpdate'>;
  checkParts(given);
  if (given.status !== undefined && given.status !== 'active' && given.status !== 'creditHold')
    throw new CmpRefusal(400, `Status ${String(given.status)} cannot be set. Supported: active, creditHold.`);
  if (given.status !== undefined) customer.status = given.status;
  for (const field of patchable)
    if (given[field] !== undefined) Object.assign(customer, { [field]: given[field] });
  return customer;
}

function checkParts({ address, contactPersons }: Wire<'CustomerUpdate'>): void {
  if (address) {
    demand(address, required.address, 'address.');
    if (!/^[A-Z]{2}$/.test(address.countryCode))
      throw new CmpRefusal(400, `address.countryCode "${address.countryCode}" is not an ISO alpha-2 code.`);
    if (withStates.includes(address.countryCode)) demand(address, ['state'], 'address.');
  }
  if (contactPersons?.length === 0) throw new CmpRefusal(400, 'contactPersons must not be empty.');
  contactPersons?.forEach((person, n) => {
    demand(person, required.contactPersons, `contactPersons[${n}].`);
    if (!phoneNumber.test(person.phoneNumber))
      throw new CmpRefusal(400, `contactPersons[${n}].phoneNumber must be in E.164 format.`);
  });
}

function demand(value: object, fields: readonly string[], prefix: string): void {
  const missing = fields.filter((field) => !(value as Record<string, unknown>)[field]);
  if (missing.length > 0)
    throw new CmpRefusal(
      400,
      `Required field is missing: ${missing.map((field) => prefix + field).join(', ')}.`,
    );
}

/** GET /resellers and below: the calling reseller sees itself only; it has no resellers beneath it and may add none. */
export function resellers(app: FastifyInstance): void {
  app.get('/resellers', ({ call, query }) => {
    const slice = sliceParams(query);
    const own = ownReseller(call.account.world);
    const name = textParam(query, 'name')?.toLowerCase();
    const found = name === undefined || own.name.toLowerCase().includes(name) ? [own] : [];
    return listing(slice, found.length, found.slice(slice.offset, slice.offset + slice.limit));
  });
  app.get<ById>('/resellers/:id', ({ call, params }) => ownReseller(call.account.world, params.id));
  app.get<ById>('/resellers/:id/customers', ({ call, params, query }) => {
    ownReseller(call.account.world, params.id);
    return customerPage(call.account.world, query);
  });
  app.get<ById>('/resellers/:id/orders', ({ call, params, query }) => {
    ownReseller(call.account.world, params.id);
    return orderPage(call.account.world, query);
  });
  const forbidden = () => {
    throw new CmpRefusal(403, 'The user has no permission to manage resellers.');
  };
  app.post('/resellers', forbidden);
  app.patch('/resellers/:id', forbidden);
  app.post('/resellers/:id/customers', forbidden);
}

function ownReseller({ ground }: World, id = ground.resellerId): Wire<'Reseller'> {
  if (id !== ground.resellerId) throw new CmpRefusal(404, `Account #${id} is not found.`);
  const british = ground.country === 'GB';
  return {
    id,
    status: 'active',
    name: `Isthmus Reseller ${ground.country}`,
    address: british
      ? {
          streetAddress: '1 Silbury Boulevard',
          city: 'Milton Keynes',
          postalCode: 'MK9 1AA',
          countryCode: 'GB',
        }
      : {
          streetAddress: '100 Main Street',
          city: 'Buffalo',
          state: 'NY',
          postalCode: '14221',
          countryCode: ground.country,
        },
    contactPersons: [
      {
        type: 'admin',
        firstName: 'Pat',
        lastName: 'Reseller',
        email: 'admin@reseller.example',
        phoneNumber: '1#716#5550100#',
      },
    ],
    language: 'en_US',
    currency: ground.currency,
    customerClass: 'Default',
  };
}
