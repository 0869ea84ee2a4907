import { pipeline, type Readable, Transform } from 'node:stream';
import { request } from 'undici';
import { megabyte, transportFault } from '../call/exchange.ts';
import { CmpContractViolated, CmpRejected, CmpUnavailable, isCmpError } from '../errors.ts';
import { id, optionalInstant, optionalText, type Row, text, word } from '../records/fields.ts';
import { type CallOptions, type Sender, writeRequest } from './sender.ts';

export interface ReportQuery {
  /** `YYYY-MM-DD`. */
  from?: string;
  to?: string;
  name?: string;
  format?: string;
  status?: string;
  type?: string;
}

export interface NewReport {
  /** One that is configured at CMP. */
  name: string;
  /** ISO date-times. */
  startDate: string;
  endDate?: string;
  format?: 'csv' | 'xml' | 'xlsx' | 'json';
  customizationName?: string;
}

/** Billing reports. The list is always complete, because CMP ignores paging here. */
export class Reports {
  constructor(private readonly sender: Sender) {}

  list(query: ReportQuery = {}, options?: CallOptions) {
    return this.sender.page('reports.list', '/reports', { ...query }, readReport, options);
  }

  get(id: string, options?: CallOptions): Promise<CmpReport> {
    return this.sender.get('reports.get', `/reports/${encodeURIComponent(id)}`, readReport, options);
  }

  create(report: NewReport, options?: CallOptions): Promise<CmpReport> {
    const { writeTimeoutSeconds } = this.sender.session.assumptions;
    return this.sender.one(
      writeRequest('reports.create', 'POST', '/reports', report, writeTimeoutSeconds, options),
      readReport,
    );
  }

  /**
   * The report's bytes as a stream, from the file storage. The link is signed, so it is fetched without our headers: another host
   * must never receive the token or the subscription key. It does not count against the budget. The link is provided by CMP: it
   * must be as safe as the API's own address, and the dispatcher checks its target. An error during the download is an error of
   * the stream: one of ours if it takes too long or is larger than any report.
   */
  async download(
    report: Pick<CmpReport, 'id' | 'downloadUrl'>,
    { signal }: CallOptions = {},
  ): Promise<Readable> {
    const operation = 'reports.download';
    if (!report.downloadUrl) throw new CmpRejected('not-found', { operation, outcome: 'refused' });
    const { assumptions, clock, dispatcher, isPlain } = this.sender.session;
    if (!mayFollow(report.downloadUrl, isPlain))
      throw new CmpUnavailable('blocked-address', { operation, outcome: 'not-sent' });
    const late = new AbortController();
    const over = new AbortController();
    clock.sleep(assumptions.reportTimeoutSeconds * 1000, over.signal).then(
      () => late.abort(new CmpUnavailable('timeout', { operation, outcome: 'unknown' })),
      () => undefined,
    );
    const signals = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
    const response = await request(report.downloadUrl, { dispatcher, signal: signals }).catch(
      (cause: unknown) => {
        over.abort();
        if (isCmpError(cause)) throw cause;
        const { reason } = transportFault(cause);
        throw new CmpUnavailable(reason, { operation, outcome: 'unknown' }, { cause });
      },
    );
    const { statusCode: httpStatus, body } = response;
    if (httpStatus === 200) {
      const limited = limitedTo(assumptions.maxReportMegabytes, operation);
      pipeline(body, limited, () => over.abort());
      return limited;
    }
    over.abort();
    // Nothing of an error's body is of use.
    body.on('error', () => undefined).destroy();
    if (httpStatus >= 500)
      throw new CmpUnavailable('server-error', { operation, outcome: 'unknown', httpStatus });
    // An expired signed link returns 403; requesting the report again gives a new one.
    throw new CmpRejected(httpStatus === 403 ? 'permission' : 'not-found', {
      operation,
      outcome: 'refused',
      httpStatus,
    });
  }
}

function limitedTo(maxMegabytes: number, operation: string): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes <= maxMegabytes * megabyte) return done(null, chunk);
      const failure = { operation, outcome: 'unknown', httpStatus: 200 } as const;
      done(new CmpContractViolated(`more than ${maxMegabytes} MB`, '', failure));
    },
  });
}

/** HTTPS, and plain HTTP only where the API itself is spoken to so, on a local machine; never with credentials in it. */
function mayFollow(link: string, isPlain: boolean): boolean {
  if (!URL.canParse(link)) return false;
  const { protocol, username, password } = new URL(link);
  return (protocol === 'https:' || (isPlain && protocol === 'http:')) && !username && !password;
}

const statuses = new Set(['submitted', 'processing', 'error', 'completed', 'unknown'] as const);

/** A billing report: CMP's only billing data. */
export interface CmpReport {
  id: string;
  name: string;
  status: 'submitted' | 'processing' | 'error' | 'completed' | 'unknown';
  /** `periodic`, `daily`, `monthly`, `onetime` or `on_invoice`. */
  type?: string;
  /** `csv`, `xml`, `xlsx` or `json`; CMP also returns it in upper case. */
  format?: string;
  creationDate?: string;
  startDate?: string;
  endDate?: string;
  /** Signed link, to be fetched without API headers. Anyone who has it can read the report. */
  downloadUrl?: string;
}

export const readReport = (row: Row): CmpReport => ({
  id: id(row, 'id'),
  name: text(row, 'name'),
  status: row.status == null ? 'unknown' : word(row, 'status', statuses),
  type: optionalText(row, 'type'),
  format: optionalText(row, 'format')?.toLowerCase(),
  creationDate: optionalInstant(row, 'creationDate'),
  startDate: optionalInstant(row, 'startDate'),
  endDate: optionalInstant(row, 'endDate'),
  downloadUrl: optionalText(row, 'downloadUrl'),
});
