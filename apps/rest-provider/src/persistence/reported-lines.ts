import { Injectable } from '@nestjs/common';
import type { AgreedSubscriptionV1 } from '@isthmus/contracts';
import { Pool } from 'pg';
import { entriesOf, type Entry, type Reported } from '../domain/entries.ts';
import type { Owner } from './intents.ts';

type Row = Reported & { subscriptionId: string };

const columns = `entry_id as "entryId", subscription_id as "subscriptionId", product, vendor, mpn, name,
  friendly_name as "friendlyName"`;

/** Under which id each product line was reported; written when a line is reported for the first time, never on other reads. */
@Injectable()
export class ReportedLines {
  constructor(private readonly pool: Pool) {}

  /** The entries of subscriptions, by subscription id; of one without lines there are none. */
  async entries(owner: Owner, subscriptions: readonly AgreedSubscriptionV1[]): Promise<Map<string, Entry[]>> {
    const withLines = subscriptions.filter(({ lines }) => lines.length > 0);
    const reported = await this.#reported(
      owner,
      withLines.map(({ subscriptionId }) => subscriptionId),
    );
    const result = new Map<string, Entry[]>();
    const added: Row[] = [];
    const replaced: Row[] = [];
    for (const one of withLines) {
      const { subscriptionId } = one;
      const found = entriesOf(one, reported.get(subscriptionId) ?? []);
      result.set(subscriptionId, found.entries);
      added.push(...found.added.map((row) => ({ ...row, subscriptionId })));
      replaced.push(...found.replaced.map((row) => ({ ...row, subscriptionId })));
    }
    const written = (await this.#add(owner, added)) + (await this.#replace(owner, replaced));
    // Another request reported them at the same moment: what that one stored is what counts.
    return written === added.length + replaced.length ? result : this.entries(owner, subscriptions);
  }

  /** The subscription of an entry with an id of its own. */
  async subscriptionOf({ tenantId, connectorId }: Owner, entryId: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ subscriptionId: string }>(
      `select subscription_id as "subscriptionId" from reported_lines
       where tenant_id = $1 and connector_id = $2 and entry_id = $3`,
      [tenantId, connectorId, entryId],
    );
    return rows[0]?.subscriptionId;
  }

  /**
   * Which entry a line of an invoice is about: by CMP's id of its product, else by the mpn that only one entry has. Nothing where
   * neither tells.
   */
  async entryOf(
    { tenantId, connectorId }: Owner,
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

  async rename({ tenantId }: Owner, entryId: string, friendlyName: string): Promise<void> {
    const text = 'update reported_lines set friendly_name = $3 where tenant_id = $1 and entry_id = $2';
    await this.pool.query(text, [tenantId, entryId, friendlyName]);
  }

  async #reported({ tenantId }: Owner, ids: readonly string[]): Promise<Map<string, Row[]>> {
    if (ids.length === 0) return new Map();
    const { rows } = await this.pool.query<Row>(
      `select ${columns} from reported_lines where tenant_id = $1 and subscription_id = any($2) order by entry_id`,
      [tenantId, ids],
    );
    return Map.groupBy(rows, ({ subscriptionId }) => subscriptionId);
  }

  async #add({ tenantId, connectorId }: Owner, rows: readonly Row[]): Promise<number> {
    if (rows.length === 0) return 0;
    const { rowCount } = await this.pool.query(
      `insert into reported_lines (tenant_id, connector_id, entry_id, subscription_id, product, vendor, mpn, name)
       select $1, $2, * from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[])
       on conflict do nothing`,
      [tenantId, connectorId, ...arraysOf(rows)],
    );
    return rowCount ?? 0;
  }

  async #replace({ tenantId }: Owner, rows: readonly Row[]): Promise<number> {
    if (rows.length === 0) return 0;
    const { rowCount } = await this.pool.query(
      `update reported_lines set product = given.product, vendor = given.vendor, mpn = given.mpn, name = given.name
       from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
         as given (entry_id, subscription_id, product, vendor, mpn, name)
       where reported_lines.tenant_id = $1 and reported_lines.entry_id = given.entry_id`,
      [tenantId, ...arraysOf(rows)],
    );
    return rowCount ?? 0;
  }
}

const arraysOf = (rows: readonly Row[]): unknown[] => [
  rows.map(({ entryId }) => entryId),
  rows.map(({ subscriptionId }) => subscriptionId),
  rows.map(({ product }) => product),
  rows.map(({ vendor }) => vendor),
  rows.map(({ mpn }) => mpn),
  rows.map(({ name }) => name),
];
