import type { AgreedSubscriptionV1 } from '@isthmus/contracts';
import { defineEntity, p } from '@mikro-orm/core';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
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
    /** Of an entry with its own id; the subscription's is stored in subscription-lifecycle. */
    friendlyName: p.text().strictNullable(),
  },
});

/** A product line as it was first reported to a client: each keeps its id permanently. */
export class ReportedLine extends schema.class {}
schema.setClass(ReportedLine);

type Row = Reported & { subscriptionId: string };

const columns = `entry_id as "entryId", subscription_id as "subscriptionId", product, vendor, mpn, name,
  friendly_name as "friendlyName"`;

/** The id each product line was reported under; written when a line is first reported, never on later reads. */
@Injectable()
export class ReportedLineStore {
  constructor(private readonly pool: Pool) {}

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
    // Another request reported them at the same moment: what it stored counts.
    return written === added.length + replaced.length ? result : this.entries(connector, subscriptions);
  }

  /** The subscription of an entry with its own id. */
  async subscriptionOf(
    { tenantId, connectorId }: ConnectorRef,
    entryId: string,
  ): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ subscriptionId: string }>(
      `select subscription_id as "subscriptionId" from reported_lines
       where tenant_id = $1 and connector_id = $2 and entry_id = $3`,
      [tenantId, connectorId, entryId],
    );
    return rows[0]?.subscriptionId;
  }

  /**
   * Which entry a line of an invoice is about: by CMP's id of its product, else by the mpn that only one entry has. Undefined where
   * neither decides.
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
    const text = 'update reported_lines set friendly_name = $3 where tenant_id = $1 and entry_id = $2';
    await this.pool.query(text, [tenantId, entryId, friendlyName]);
  }

  async #reported({ tenantId }: ConnectorRef, ids: readonly string[]): Promise<Map<string, Row[]>> {
    if (ids.length === 0) return new Map();
    const { rows } = await this.pool.query<Row>(
      `select ${columns} from reported_lines where tenant_id = $1 and subscription_id = any($2) order by entry_id`,
      [tenantId, ids],
    );
    return Map.groupBy(rows, ({ subscriptionId }) => subscriptionId);
  }

  async #add({ tenantId, connectorId }: ConnectorRef, rows: readonly Row[]): Promise<number> {
    if (rows.length === 0) return 0;
    const { rowCount } = await this.pool.query(
      `insert into reported_lines (tenant_id, connector_id, entry_id, subscription_id, product, vendor, mpn, name)
       select $1, $2, * from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[])
       on conflict do nothing`,
      [tenantId, connectorId, ...toArrays(rows)],
    );
    return rowCount ?? 0;
  }

  async #replace({ tenantId }: ConnectorRef, rows: readonly Row[]): Promise<number> {
    if (rows.length === 0) return 0;
    const { rowCount } = await this.pool.query(
      `update reported_lines set product = given.product, vendor = given.vendor, mpn = given.mpn, name = given.name
       from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
         as given (entry_id, subscription_id, product, vendor, mpn, name)
       where reported_lines.tenant_id = $1 and reported_lines.entry_id = given.entry_id`,
      [tenantId, ...toArrays(rows)],
    );
    return rowCount ?? 0;
  }
}

const toArrays = (rows: readonly Row[]): unknown[] => [
  rows.map(({ entryId }) => entryId),
  rows.map(({ subscriptionId }) => subscriptionId),
  rows.map(({ product }) => product),
  rows.map(({ vendor }) => vendor),
  rows.map(({ mpn }) => mpn),
  rows.map(({ name }) => name),
];
