import {
  type CursorKey,
  decodeCursor,
  encodeCursor,
  invalidInput,
  page,
  type Page,
} from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ServiceName } from '../proxy/generated/routes.ts';
import { Services } from '../proxy/services.service.ts';
import { type Head, mergeByTime } from './merge-by-time.ts';

interface MergedList<Row> {
  /** The path of the list, the same in every service. */
  path: string;
  sources: readonly ServiceName[];
  /** Newest first. */
  timeOf: (row: Row) => string;
  /** What a service's own cursor is made of. */
  keyOf: (row: Row) => CursorKey;
}

interface MergedQuery {
  service?: ServiceName | undefined;
  cursor?: string | undefined;
  limit: number;
  filters: object;
}

/** The place in a list of which nothing is left. */
const exhausted = 0;
/** The cursor of a service's own list; null before its first row. */
type Place = string | null | typeof exhausted;

/** Lists that every service has for itself, as one. A service that is down is named: a list with a gap would not be one. */
@Injectable()
export class MergedLists {
  constructor(private readonly services: Services) {}

  async read<Row extends object>(
    { path, sources, timeOf, keyOf }: MergedList<Row>,
    { service, cursor, limit, filters }: MergedQuery,
    request: FastifyRequest,
  ): Promise<Page<Row & { service: ServiceName }>> {
    const reached = placesIn(cursor, sources.length);
    // The filter counts on every page, also where the cursor comes from a list without it.
    const places = sources.map((one, index): Place =>
      service && one !== service ? exhausted : reached ? reached[index]! : null,
    );
    const heads = await Promise.all(
      sources.map(async (source, index): Promise<Head<Row>> => {
        const place = places[index]!;
        if (place === exhausted) return { rows: [], more: false };
        const query = new URLSearchParams({ ...defined(filters), limit: String(limit) });
        if (place !== null) query.set('cursor', place);
        const { data, nextCursor } = await this.services.read<Page<Row>>(
          source,
          `${path}?${query.toString()}`,
          request,
        );
        return { rows: data, more: nextCursor !== null };
      }),
    );
    const { taken, left } = mergeByTime(heads, limit, timeOf);
    const next = sources.map((_, index) => {
      const last = taken.findLast(({ from }) => from === index)?.row;
      return left[index] ? (last ? encodeCursor(keyOf(last)) : places[index]!) : exhausted;
    });
    const rows = taken.map(({ row, from }) => ({ ...row, service: sources[from]! }));
    return page(rows, left.includes(true) ? next : undefined);
  }
}

/**
 * A place for each service; undefined without a cursor.
 * @throws Problem 400 if it is not a cursor of this list
 */
function placesIn(cursor: string | undefined, sources: number): Place[] | undefined {
  const key = decodeCursor(cursor, sources);
  if (key && !key.every((place) => place === null || place === exhausted || typeof place === 'string'))
    throw invalidInput([{ field: 'cursor', message: 'is not a cursor of this list' }]);
  return key as Place[] | undefined;
}

const defined = (filters: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(filters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
