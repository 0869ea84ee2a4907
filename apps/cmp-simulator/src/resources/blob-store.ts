import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Simulator } from '../simulator.ts';
import { reportFile } from './report-files.ts';
import { allReports } from './report-shelf.ts';
import { fileOf, isSigned, type SignedQuery } from './signed-file.ts';

/**
 * Where `downloadUrl` points: a signed link of a blob store. Like Azure's it refuses a request that brings an
 * Authorization header beside the signature, and a link that has run out.
 */
export function blobStore(simulator: Simulator) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    app.get<{ Params: { marketplace: string; file: string }; Querystring: SignedQuery }>(
      '/:marketplace/:file',
      async (request, reply) => {
        const { marketplace, file } = request.params;
        if (request.headers.authorization || request.headers['x-subscription-key'])
          return refuse(reply, 'Server failed to authenticate the request: remove the API headers.');
        const account = simulator.accounts.find(({ options }) => options.marketplace === marketplace);
        const report = account && allReports(account.world).find((one) => fileOf(one) === file);
        const now = account?.world.now() ?? 0;
        if (!account || !report || report.readyAt > now || !isSigned(report, request.query, now))
          return refuse(reply, 'Signature did not match, or the link has expired.');
        const { type, body } = await reportFile(account.world, report);
        return reply.type(type).send(body);
      },
    );
    done();
  };
}

const refuse = (reply: FastifyReply, message: string) =>
  reply
    .code(403)
    .type('application/xml')
    .send(
      `<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code><Message>${message}</Message></Error>`,
    );
