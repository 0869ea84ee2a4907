import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Simulator } from '../simulator.ts';
import type { ReportState } from '../world/report.ts';
import type { World } from '../world/world.ts';
import { invoiceColumns, invoiceRows } from './invoice-rows.ts';
import { allReports } from './report-shelf.ts';

const refusal = (code: string, message: string) =>
  `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

/**
 * Where `downloadUrl` points: a signed link of a blob store. Like Azure's it refuses a request that brings an
 * Authorization header beside the signature.
 */
export function blobStore(simulator: Simulator) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    app.get<{ Params: { marketplace: string; file: string }; Querystring: { sig?: string } }>(
      '/:marketplace/:file',
      (request, reply) => {
        const { marketplace, file } = request.params;
        if (request.headers.authorization || request.headers['x-subscription-key'])
          return reply
            .code(403)
            .type('application/xml')
            .send(
              refusal(
                'AuthenticationFailed',
                'Server failed to authenticate the request: remove the API headers.',
              ),
            );
        const account = simulator.accounts.find(({ options }) => options.marketplace === marketplace);
        const report =
          account && allReports(account.world).find(({ id, format }) => file === `${id}.${format}`);
        if (
          !account ||
          !report ||
          report.signature !== request.query.sig ||
          report.readyAt > account.world.now()
        )
          return reply
            .code(403)
            .type('application/xml')
            .send(refusal('AuthenticationFailed', 'Signature did not match.'));
        const { world } = account;
        return report.format === 'csv'
          ? reply.type('text/csv').send(Readable.from(csv(world, report)))
          : reply.type('application/json').send(JSON.stringify([...invoiceRows(world, report)]));
      },
    );
    done();
  };
}

function* csv(world: World, report: ReportState): Generator<string> {
  yield `${invoiceColumns.join(',')}\r\n`;
  for (const row of invoiceRows(world, report))
    yield `${invoiceColumns.map((column) => quoted(row[column])).join(',')}\r\n`;
}

function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
