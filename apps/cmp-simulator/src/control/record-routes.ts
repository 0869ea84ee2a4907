import type { FastifyInstance } from 'fastify';
import type { Simulator } from '../simulator.ts';

/** What was seen: every call, and every order that exists because of one. */
export function recordRoutes(app: FastifyInstance, simulator: Simulator): void {
  app.get<{ Querystring: { account?: string } }>('/ledger', ({ query }) => {
    // What is due happens first, so that the ledger tells how things stand.
    for (const account of simulator.accounts) account.settle();
    const marketplace =
      query.account === undefined ? undefined : simulator.account(query.account).options.marketplace;
    return simulator.ledger.entries().filter(({ account }) => (marketplace ?? account) === account);
  });
  app.get('/requests', () => simulator.log.entries);
  app.delete('/requests', () => {
    simulator.log.clear();
    return {};
  });
}
