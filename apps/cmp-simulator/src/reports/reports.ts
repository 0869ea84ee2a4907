import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Simulator } from '../simulator.ts';
import { CmpRefusal } from '../wire/errors.ts';
import { choiceParam, listing, textParam, timeParam } from '../wire/query.ts';
import { isoSecond, type Wire } from '../wire/simple-api.ts';
import type { World } from '../world/world.ts';
import { reportFile } from './report-files.ts';
import { allReports, fileName, isSigned, orderReport, signedFile, type SignedQuery } from './report-shelf.ts';
import type { ReportState } from './report.ts';

const day = 86_400_000;

/** GET and POST /reports, GET /reports/{reportId}. Paging is not honoured: offset is always 0 and limit the total. */
export function reports(app: FastifyInstance): void {
  app.get('/reports', (request) => {
    const { query } = request;
    const { world } = request.call.account;
    const [name, format, type] = ['name', 'format', 'type'].map((field) => textParam(query, field));
    const status = choiceParam(query, 'status', ['submitted', 'processing', 'error', 'completed', 'unknown']);
    const from = timeParam(query, 'from') ?? 0;
    const to = (timeParam(query, 'to') ?? Number.MAX_SAFE_INTEGER - day) + day;
    const found = allReports(world)
      .filter(({ createdAt }) => createdAt >= from && createdAt < to)
      .map((report) => reportView(request, world, report))
      .filter(
        (view) =>
          (name === undefined || view.name.includes(name)) &&
          (format ?? view.format)?.toLowerCase() === view.format?.toLowerCase(),
      )
      .filter((view) => (status ?? view.status) === view.status && (type ?? view.type) === view.type);
    return listing({ offset: 0, limit: found.length }, found.length, found);
  });

  app.post('/reports', (request) => {
    const { world } = request.call.account;
    return reportView(request, world, orderReport(world, (request.body ?? {}) as Partial<Wire<'Report'>>));
  });

  app.get<{ Params: { reportId: string } }>('/reports/:reportId', (request) => {
    const { world } = request.call.account;
    const found = allReports(world).find(({ id }) => id === request.params.reportId);
    if (!found) throw new CmpRefusal(404, `Report ${request.params.reportId} is not found.`);
    return reportView(request, world, found);
  });
}

function reportView(request: FastifyRequest, world: World, report: ReportState): Wire<'Report'> {
  const status = reportStatus(report, world.now());
  const { marketplace } = request.call.account.options;
  const store = `${request.protocol}://${request.host}/_blob/${marketplace}`;
  return {
    id: report.id,
    name: report.name,
    ...(report.customizationName ? { customizationName: report.customizationName } : {}),
    status,
    type: report.type,
    format: (world.reportOddities.upperCaseFormats
      ? report.format.toUpperCase()
      : report.format) as Wire<'Report'>['format'],
    creationDate: isoSecond(report.createdAt),
    startDate: isoSecond(report.from),
    endDate: isoSecond(report.until),
    ...(status === 'completed' ? { downloadUrl: `${store}/${signedFile(report, world.now())}` } : {}),
  };
}

/** A report waits for half of its time and is processed for the other half. */
function reportStatus(
  { createdAt, readyAt }: ReportState,
  now: number,
): 'submitted' | 'processing' | 'completed' {
  if (now >= readyAt) return 'completed';
  return now < (createdAt + readyAt) / 2 ? 'submitted' : 'processing';
}

/**
 * Where `downloadUrl` points: a signed link of a blob store. Like Azure's, it rejects a request with an Authorization header
 * in addition to the signature, and an expired link.
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
        const report = account && allReports(account.world).find((one) => fileName(one) === file);
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
