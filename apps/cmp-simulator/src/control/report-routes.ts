import type { FastifyInstance } from 'fastify';
import type { Simulator } from '../simulator.ts';
import { oddWords, usualOddities, type ReportOddities } from '../reports/report.ts';

/** How the files of reports are spoilt: look, change, mend. */
export function reportRoutes(app: FastifyInstance, simulator: Simulator): void {
  const odditiesOf = (account?: string) => simulator.account(account).world.reportOddities;
  app.get<{ Querystring: { account?: string } }>('/report-oddities', ({ query }) =>
    odditiesOf(query.account),
  );
  app.post<{ Body: Partial<ReportOddities> & { account?: string } }>(
    '/report-oddities',
    ({ body: { account, ...change } }) => {
      for (const [name, value] of Object.entries(change)) check(name, value);
      return Object.assign(odditiesOf(account), change);
    },
  );
  app.delete<{ Querystring: { account?: string } }>('/report-oddities', ({ query }) =>
    Object.assign(odditiesOf(query.account), usualOddities()),
  );
}

function check(name: string, value: unknown): void {
  const usual: Readonly<Record<string, unknown>> = { ...usualOddities() };
  if (!Object.hasOwn(usual, name))
    throw new RangeError(`There is no oddity ${name}. Known: ${Object.keys(usual).join(', ')}.`);
  const words = Object.hasOwn(oddWords, name) ? oddWords[name as keyof typeof oddWords] : undefined;
  if (words && !(words as readonly unknown[]).includes(value))
    throw new RangeError(`${name} is one of ${words.map((word) => JSON.stringify(word)).join(', ')}.`);
  if (typeof value !== typeof usual[name] || Array.isArray(value) !== Array.isArray(usual[name]))
    throw new RangeError(`${name} has to be like ${JSON.stringify(usual[name])}.`);
}
