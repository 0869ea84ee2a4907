import type { FastifyInstance } from 'fastify';
import { CmpRefusal } from '../wire/cmp-refusal.ts';
import { listing } from '../wire/listing.ts';
import { sliceParams, textParam } from '../wire/read-query.ts';
import type { World } from '../world/world.ts';
import { createCustomer, updateCustomer } from './customer-writes.ts';

type ById = { Params: { id: string } };

/** A page of customers; `name` is similar, `email` that of a contact, `externalId` equal. */
export function customerPage(world: World, query: unknown) {
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
