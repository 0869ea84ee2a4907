import type { AgreedSubscriptionV1 } from '@isthmus/contracts';
import { compiledOnce, statementsOf } from '@isthmus/messaging';
import { audit, transaction } from '@isthmus/service-kit';
import { defineEntity, p } from '@mikro-orm/core';
import { MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { ConnectorRef } from '../work365/work365-client.ts';
import { entriesOf, type Entry, type Reported } from './entries.ts';

const schema = defineEntity({
  name: 'ReportedLine',
  tableName: 'reported_lines',
  uniques: [
    {
      name: 'reported_lines_once',
      // `properties` would make it a constraint.
      expression:
        'create unique index reported_lines_once on reported_lines (tenant_id, subscription_id, product)',
    },
  ],
  properties: {
    tenantId: p.uuid().primary(),
    /** The id under which a client knows the line; that of the subscription for the line that was reported first. */
    entryId: p.uuid().primary(),
    connectorId: p.uuid(),
    /** subscription-lifecycle's. */
    subscriptionId: p.uuid(),
    /** CMP's id of the product, see `productsOf`. */
    product: p.text(),
    vendor: p.text(),
    mpn: p.text(),
    name: p.text(),
    /** Only for an entry with its own id; the name of the subscription itself is stored in subscription-lifecycle. */
    friendlyName: p.text().strictNullable(),
  },
});

/** A product line as it was first reported to a client: each keeps its id permanently. */
export class ReportedLine extends schema.class {}
schema.setClass(ReportedLine);

const statements = statementsOf<typeof ReportedLine>();

const linesOf = compiledOnce((em, tenantId: string, subscriptionIds: readonly string[]) =>
  statements(em)
    .selectFrom('ReportedLine')
    .selectAll()
    .where('tenantId', '=', tenantId)
    .where('subscriptionId', '=', sql<string>`any(${subscriptionIds}::uuid[])`)
    .orderBy('entryId'),
);

type Row = Reported & { subscriptionId: string };

/** The id each product line was reported under; written when a line is first reported, never on later reads. */
@Injectable()
export class ReportedLineStore {
  constructor(private readonly orm: MikroORM) {}

  /** The entries of subscriptions, by subscription id; of one without lines there are none. */
  async entries(
    connector: ConnectorRef,
    subscriptions: readonly AgreedSubscriptionV1[],
  ): Promise<Map<string, Entry[]>> {
    const withLines = subscriptions.filter(({ lines }) => lines.length > 0);
    const reported = await this.#reported(
      connector,
      withLines.map(({ subscriptionId }) => subscriptionId),
    );
    const result = new Map<string, Entry[]>();
    const added: Row[] = [];
    const replaced: Row[] = [];
    for (const one of withLines) {
      const { subscriptionId } = one;
      const numbered = entriesOf(one, reported.get(subscriptionId) ?? []);
      result.set(subscriptionId, numbered.entries);
      added.push(...numbered.added.map((row) => ({ ...row, subscriptionId })));
      replaced.push(...numbered.replaced.map((row) => ({ ...row, subscriptionId })));
    }
    const written = (await this.#add(connector, added)) + (await this.#replace(connector, replaced));
    // Another request reported them at the same time: its result is the one that was stored.
    return written === added.length + replaced.length ? result : this.entries(connector, subscriptions);
  }

  /** The subscription of an entry with its own id. */
  async subscriptionOf(
    { tenantId, connectorId }: ConnectorRef,
    entryId: string,
  ): Promise<string | undefined> {
    const line = await this.#em().findOne(ReportedLine, { tenantId, connectorId, entryId });
    return line?.subscriptionId;
  }

  /**
   * Finds the entry that a line of an invoice refers to: by CMP's product id, otherwise by an MPN that only one entry has.
   * Undefined if neither identifies one.
   */
  async entryOf(
    { tenantId, connectorId }: ConnectorRef,
    subscriptionIds: readonly string[],
  ): Promise<(subscriptionId: string, line: { mpn?: string; cmpProductId?: string }) => string | undefined> {
    const reported = await this.#reported({ tenantId, connectorId }, [...new Set(subscriptionIds)]);
    return (subscriptionId, { mpn, cmpProductId }) => {
      const rows = reported.get(subscriptionId) ?? [];
      const byProduct = rows.find(({ product }) => product === cmpProductId);
      const byMpn = rows.filter((row) => row.mpn === mpn);
      return (byProduct ?? (byMpn.length === 1 ? byMpn[0] : undefined))?.entryId;
    };
  }

  async rename({ tenantId }: ConnectorRef, entryId: string, friendlyName: string): Promise<void> {
    await transaction(this.orm, async (em) => {
      const line = await em.findOne(ReportedLine, { tenantId, entryId });
      if (!line) return;
      const before = { friendlyName: line.friendlyName };
      line.friendlyName = friendlyName;
      await audit(em, {
        ...{ tenantId, action: 'subscription-line.rename', thing: ['subscription-line', entryId], before },
        after: { friendlyName },
      });
    });
  }

  async #reported({ tenantId }: ConnectorRef, ids: readonly string[]): Promise<Map<string, Row[]>> {
    if (ids.length === 0) return new Map();
    // Not `find`: managed entities that nobody changes would double the time of a list of 200 subscriptions.
    const rows = await linesOf(this.#em(), tenantId, ids);
    return Map.groupBy(rows, ({ subscriptionId }) => subscriptionId);
  }

  async #add({ tenantId, connectorId }: ConnectorRef, rows: readonly Row[]): Promise<number> {
    if (rows.length === 0) return 0;
    const lines = rows.map(({ friendlyName = null, ...row }) => ({
      ...row,
      friendlyName,
      tenantId,
      connectorId,
    }));
    const { numInsertedOrUpdatedRows: added } = await statements(this.#em())
      .insertInto('ReportedLine')
      .values(lines)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    return Number(added);
  }

  async #replace({ tenantId }: ConnectorRef, rows: readonly Row[]): Promise<number> {
    let replaced = 0;
    for (const { entryId, product, vendor, mpn, name } of rows)
      replaced += await this.#em().nativeUpdate(
        ReportedLine,
        { tenantId, entryId },
        { product, vendor, mpn, name },
      );
    return replaced;
  }

  #em() {
    return this.orm.em.fork();
  }
}
