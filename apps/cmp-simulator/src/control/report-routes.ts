import type { FastifyInstance } from 'fastify';
import type { Simulator } from '../simulator.ts';
import { usualOddities, type ReportOddities } from '../world/report-oddities.ts';

/** How the files of reports are spoilt: look, change, mend. */
export function reportRoutes(app: FastifyInstance, simulator: Simulator): void {
  const odditiesOf = (account?: string) => simulator.account(account).world.reportOddities;
  app.get<{ Querystring: { account?: string } }>('/report-oddities', ({ query }) =>
    odditiesOf(query.account),
  );
  app.post<{ Body: Partial<ReportOddities> & { account?: string } }>(
    '/report-oddities',
    ({ body: { account, ...change } }) => {
      const unknown = Object.keys(change).filter((name) => !Object.hasOwn(usualOddities(), name));
      if (unknown.length)
        throw new RangeError(
          `There is no oddity ${unknown.join(', ')}. Known: ${Object.keys(usualOddities()).join(', ')}.`,
        );
      return Object.assign(odditiesOf(account), change);
    },
  );
  app.delete<{ Querystring: { account?: string } }>('/report-oddities', ({ query }) =>
    Object.assign(odditiesOf(query.account), usualOddities()),
  );
}
