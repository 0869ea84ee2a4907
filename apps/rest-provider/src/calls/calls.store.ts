import { compiledOnce, statementsOf } from '@isthmus/messaging';
import { acrossTenants, type CursorKey } from '@isthmus/service-kit';
import { defineEntity, type EntityManager, type InferKyselyTable, MikroORM, p } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { type Selectable, sql } from 'kysely';

/** A call of Work 365, stored for users. No route depends on it. */
export const Work365Call = defineEntity({
  name: 'Work365Call',
  tableName: 'work365_calls',
  indexes: [
    { name: 'work365_calls_of_tenant', properties: ['tenantId', 'id'] },
    { name: 'work365_calls_by_age', properties: ['at'] },
  ],
  properties: {
    id: p.bigint('string').primary().columnType('bigint').autoincrement().generated('identity'),
    tenantId: p.uuid(),
    connectorId: p.uuid(),
    apiKeyId: p.uuid(),
    /** As the key was called at the time of the call; the key may be gone since. */
    apiKeyLabel: p.text(),
    /** The time at which it arrived. */
    at: p.datetime(),
    method: p.text(),
    /** The template, such as `/customers/:id`: an address may contain what a customer is called. */
    route: p.text(),
    status: p.integer(),
    tookMs: p.integer(),
    correlationId: p.text(),
  },
});

export type CallRow = Selectable<InferKyselyTable<typeof Work365Call, { columnNamingStrategy: 'property' }>>;
export type NewCall = Omit<CallRow, 'id' | 'at'> & { at: Date };

export interface CallFilter {
  connectorId?: string;
  apiKeyId?: string;
  correlationId?: string;
  failed?: boolean;
  from?: string;
  to?: string;
}

const statements = statementsOf<typeof Work365Call>();

const deleteOlder = compiledOnce((em, keepDays: number, limit: number) =>
  statements(em)
    .deleteFrom('Work365Call')
    .where('id', 'in', (old) =>
      old
        .selectFrom('Work365Call')
        .select('id')
        .where('at', '<', sql<Date>`now() - make_interval(days => ${keepDays}::int)`)
        .orderBy('at')
        .limit(sql<number>`${limit}::int`),
    )
    .returning('id'),
);

const rowsPerStatement = 1_000;

/** The calls of Work 365 that are still kept. */
@Injectable()
export class CallStore {
  constructor(private readonly orm: MikroORM) {}

  /** Stores calls of whichever tenants in one statement. */
  async append(calls: readonly NewCall[]): Promise<void> {
    await acrossTenants('record calls of Work 365', () =>
      statements(this.orm.em.fork())
        .insertInto('Work365Call')
        .values([...calls])
        .execute(),
    );
  }

  /** Deletes old calls, of all tenants, in small statements. @returns how many */
  async prune(keepDays: number, signal?: AbortSignal): Promise<number> {
    for (let deleted = 0; ;) {
      const rows = await acrossTenants('delete old calls of Work 365', () =>
        deleteOlder(this.orm.em.fork(), keepDays, rowsPerStatement),
      );
      deleted += rows.length;
      if (rows.length < rowsPerStatement || signal?.aborted) return deleted;
    }
  }
}

/** Newest first; returns `limit + 1` rows if there are more pages. */
export const listCalls = (
  em: EntityManager,
  tenantId: string,
  { connectorId, apiKeyId, correlationId, failed, from, to }: CallFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<CallRow[]> =>
  statements(em)
    .selectFrom('Work365Call')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .$if(connectorId !== undefined, (list) => list.where('connectorId', '=', connectorId!))
    .$if(apiKeyId !== undefined, (list) => list.where('apiKeyId', '=', apiKeyId!))
    .$if(correlationId !== undefined, (list) => list.where('correlationId', '=', correlationId!))
    .$if(failed !== undefined, (list) => list.where('status', failed ? '>=' : '<', 400))
    .$if(from !== undefined, (list) => list.where('at', '>=', new Date(from!)))
    .$if(to !== undefined, (list) => list.where('at', '<', new Date(to!)))
    .$if(after !== undefined, (list) => list.where('id', '<', String(after![0])))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
