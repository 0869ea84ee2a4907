import type { FastifyInstance } from 'fastify';
import { CmpRefusal } from '../wire/errors.ts';
import { listing, sliceParams, textParam } from '../wire/query.ts';
import type { Wire } from '../wire/simple-api.ts';
import type { World } from '../world/world.ts';
import { customerPage } from './customers.ts';
import { orderPage } from '../orders/orders.ts';

type ById = { Params: { id: string } };

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
