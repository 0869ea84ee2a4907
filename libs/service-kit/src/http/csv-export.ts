import { Readable } from 'node:stream';
import type { CallHandler, ExecutionContext, NestInterceptor, Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import type { Options } from 'csv-stringify/sync';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lastValueFrom, type Observable, of } from 'rxjs';
import { transformerMetadata } from '@isthmus/contracts';
import { descriptionOf } from '../openapi/describe.ts';
import type { Page } from './paging.ts';

type Row = Record<string, unknown>;

/**
 * Lists as files, for people with spreadsheets: a list that is asked for with `Accept: text/csv` is sent with every row that
 * its filters find, read page by page while it is sent. A handler knows nothing of it.
 */
export class CsvExport implements NestInterceptor {
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const { list, returns } = descriptionOf(context.getHandler()) ?? {};
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (
      context.getType() !== 'http' ||
      list !== 'page' ||
      !wantsCsv(request) ||
      typeof returns !== 'function'
    )
      return next.handle();
    const query = { ...(request.query as Row), limit: '200' };
    // The handler reads the query anew at each call.
    const page = (cursor?: string): Promise<Page<Row>> => {
      request.query = cursor === undefined ? query : { ...query, cursor };
      return lastValueFrom(next.handle()) as Promise<Page<Row>>;
    };
    // Before the response begins: what is wrong with the request is a problem, not half a file.
    const first = await page();
    const [, name = 'list'] = /([\w-]+)\/?$/.exec(request.routeOptions.url ?? '') ?? [];
    void context
      .switchToHttp()
      .getResponse<FastifyReply>()
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}.csv"`);
    return of(Readable.from(fileOf(returns, first, page)));
  }
}

/** JSON is what everybody else wants, also those who take anything. */
export const wantsCsv = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  /(^|,)\s*text\/csv\s*(;|,|$)/i.test(headers.accept ?? '');

async function* fileOf(
  type: Type,
  first: Page<Row>,
  next: (cursor: string) => Promise<Page<Row>>,
): AsyncGenerator<string> {
  // Loaded when the first file is asked for.
  const { stringify } = await import('csv-stringify/sync');
  const columns = columnsOf(type);
  yield stringify([columns]);
  for (let page = first; ; page = await next(page.nextCursor)) {
    yield stringify(
      page.data.map((row) => columns.map((column) => cell(row, column))),
      safely,
    );
    if (page.nextCursor === null) return;
  }
}

/** A cell that a spreadsheet would evaluate gets an apostrophe before it, unless it is a number. Source: OWASP, "CSV Injection". */
const safely: Options = {
  escape_formulas: true,
  cast: {
    string: (text) =>
      /^-?\d+(\.\d+)?$/.test(text) ? ({ value: text, escape_formulas: false } as unknown as string) : text,
  },
};

/** The fields of a class by name; those of one object within it as `unitPrice.amount`. */
function columnsOf(type: Type, within = ''): string[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', true, false);
  const names = [...new Set(rules.map(({ propertyName }) => propertyName))];
  return names.flatMap((name) => {
    const about = rules.filter(({ propertyName }) => propertyName === name);
    const isList = about.some((rule) => rule.each || rule.name === 'isArray');
    const nested = transformerMetadata.findTypeMetadata(type, name)?.typeFunction?.() as Type | undefined;
    const isObject = about.some((rule) => rule.type === 'nestedValidation') && !isList;
    return nested && isObject ? columnsOf(nested, `${within}${name}.`) : [`${within}${name}`];
  });
}

function cell(row: Row, column: string): string | number {
  const value = column.split('.').reduce<unknown>((at, name) => (at as Row | null | undefined)?.[name], row);
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join('; ');
  return typeof value === 'boolean' ? String(value) : JSON.stringify(value);
}
