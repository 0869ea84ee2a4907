import type { FastifyInstance } from 'fastify';
import type { Simulator } from '../simulator.ts';
import type { BrokenRecord } from './broken-records.ts';
import type { FaultOrder } from './fault-book.ts';

/** Faults and broken records: order, look, clear. */
export function faultRoutes(app: FastifyInstance, simulator: Simulator): void {
  app.get('/faults', () => simulator.faults.armed);
  app.post<{ Body: FaultOrder }>('/faults', ({ body }) => simulator.faults.arm(body));
  app.delete('/faults', () => ({ cleared: simulator.faults.clear() }));
  app.delete<{ Params: { id: string } }>('/faults/:id', ({ params }) => ({
    cleared: simulator.faults.clear(Number(params.id)),
  }));

  app.get('/broken-records', () => simulator.broken.records);
  app.post<{ Body: Omit<BrokenRecord, 'account'> & { account?: string } }>('/broken-records', ({ body }) => {
    const record = { ...body, account: simulator.account(body.account).options.marketplace };
    simulator.broken.add(record);
    return record;
  });
  app.delete('/broken-records', () => ({ cleared: simulator.broken.records.splice(0).length }));
}
