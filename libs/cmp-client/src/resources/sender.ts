import type { Lane } from '../budget/ledger.ts';
import type { CmpSession } from '../call/cmp-session.ts';
import type { CmpRequest } from '../call/exchange.ts';
import { bodyHead, type CmpResponse } from '../call/interpret-response.ts';
import { CmpContractViolated } from '../errors.ts';
import type { ListPage } from '../listing.ts';
import type { Row } from '../records/fields.ts';
import { type KnownRecords, type ListedRecord, readUnknown } from '../records/known-records.ts';
import { readRecord } from '../records/read-record.ts';

export interface CallOptions {
  signal?: AbortSignal;
}

export interface PageQuery {
  offset?: number;
  /** At most `maxPageSize`; larger values are reduced to it. */
  limit?: number;
}

type ListQuery = PageQuery & Record<string, string | number | undefined>;
type Reader<T> = (row: Row) => T;

/** Sends requests in one lane of a session and reads the responses. */
export class Sender {
  constructor(
    readonly session: CmpSession,
    readonly lane: Lane,
  ) {}

  /** A page of a list. Rows that cannot be read are in it as such. */
  async page<T extends { id: string }>(
    operation: string,
    path: string,
    query: ListQuery,
    read: Reader<T>,
    options?: CallOptions,
  ): Promise<ListPage<T>> {
    const { data, ...page } = await this.requestPage(operation, path, query, options);
    return { ...page, records: data().map((raw) => readRecord(read, raw)) };
  }

  /** The same, but rows that are known are neither parsed nor read. */
  async pageAgainst<T extends { id: string }>(
    known: KnownRecords,
    operation: string,
    path: string,
    query: ListQuery,
    read: Reader<T>,
    options?: CallOptions,
  ): Promise<ListPage<T, ListedRecord<T>>> {
    const { data, list, ...page } = await this.requestPage(operation, path, query, options, true);
    const records = list && (await readUnknown(read, list, known));
    return { ...page, records: records ?? data().map((raw) => readRecord(read, raw)) };
  }

  private async requestPage(
    operation: string,
    path: string,
    query: ListQuery,
    options?: CallOptions,
    split = false,
  ) {
    const { readTimeoutSeconds, maxPageSize, maxPageRows } = this.session.assumptions;
    const limit = Math.min(query.limit ?? maxPageSize, maxPageSize);
    const request = { ...readRequest(operation, path, readTimeoutSeconds, options), split };
    const response = await this.session.send({ ...request, query: { ...query, limit } }, this.lane);
    const { list, correlationId } = response;
    const rowsOf = (data: unknown): unknown[] => {
      if (!Array.isArray(data)) throw this.broken(request, response, 'data is not a list');
      if (data.length > maxPageRows) throw this.broken(request, response, `more than ${maxPageRows} rows`);
      return data;
    };
    const { data, pagination } = (response.body ?? {}) as { data?: unknown; pagination?: Row };
    rowsOf(list?.records ?? data);
    const total = Number(pagination?.total ?? NaN);
    if (!Number.isSafeInteger(total) || total < 0)
      throw this.broken(request, response, 'pagination.total is not a number');
    return {
      total,
      offset: Number(pagination?.offset ?? query.offset ?? 0),
      limit: Number(pagination?.limit ?? limit),
      correlationId,
      list,
      /** All rows, parsed. */
      data: () => rowsOf(list ? (list.whole() as { data: unknown }).data : data),
    };
  }

  async get<T extends { id: string }>(
    operation: string,
    path: string,
    read: Reader<T>,
    options?: CallOptions,
  ): Promise<T> {
    return this.one(readRequest(operation, path, this.session.assumptions.readTimeoutSeconds, options), read);
  }

  /** Sends a request whose response is one object. */
  async one<T>(request: CmpRequest, read: Reader<T>): Promise<T> {
    const response = await this.session.send(request, this.lane);
    // The id is added because estimates and validations have none.
    const record = readRecord((row) => ({ id: '', value: read(row) }), response.body);
    if (!record.ok)
      throw this.broken(request, response, `${record.field || 'the body'}: ${record.reason}`, record.field);
    return record.value.value;
  }

  private broken(
    request: CmpRequest,
    { body, correlationId }: CmpResponse,
    reason: string,
    field?: string,
  ): CmpContractViolated {
    const head = bodyHead(JSON.stringify(body), this.session.secrets);
    const failure = {
      operation: request.operation,
      outcome: 'unknown',
      httpStatus: 200,
      correlationId,
    } as const;
    return new CmpContractViolated(reason, head, failure, undefined, field || undefined);
  }
}

const readRequest = (
  operation: string,
  path: string,
  timeoutSeconds: number,
  options?: CallOptions,
): CmpRequest => ({
  operation,
  method: 'GET',
  path,
  timeoutMs: timeoutSeconds * 1000,
  signal: options?.signal,
  harmless: true,
  retried: true,
  renewed: true,
});

/** A request that changes something at CMP. Never repeated, unless CMP rejects it because of the session. */
export const writeRequest = (
  operation: string,
  method: 'POST' | 'PATCH',
  path: string,
  body: unknown,
  timeoutSeconds: number,
  options?: CallOptions,
): CmpRequest => ({
  operation,
  method,
  path,
  body,
  timeoutMs: timeoutSeconds * 1000,
  signal: options?.signal,
  harmless: false,
  retried: false,
  renewed: true,
});
