import { PartNumber } from '@isthmus/domain';
import type { Statements } from '@isthmus/messaging';
import { mirrorId } from '@isthmus/sync-engine';

/** A part number as somebody uses it. Periods are ISO 8601, '' where they are left open. */
export interface UsedPartNumber {
  partNumber: PartNumber;
  billingPeriod: string;
  term: string;
  seenName?: string;
}

interface Owner {
  tenantId: string;
  connectorId: string;
}

/** The id of a part number's row follows from what it is of, so that nobody has to look it up. */
export const partNumberId = (owner: Owner, { partNumber, billingPeriod, term }: UsedPartNumber): string =>
  mirrorId(owner, 'part-number', `${PartNumber.key(partNumber)} ${billingPeriod} ${term}`);

/** Puts part numbers into the queue that are not there yet; what they resolve to is judged afterwards. */
export async function knowPartNumbers(
  client: Statements,
  { tenantId, connectorId }: Owner,
  used: readonly UsedPartNumber[],
): Promise<void> {
  const rows = used.map((one) => ({
    id: partNumberId({ tenantId, connectorId }, one),
    part_number: PartNumber.print(one.partNumber),
    part_number_key: PartNumber.key(one.partNumber),
    billing_period: one.billingPeriod,
    term: one.term,
    seen_name: one.seenName ?? null,
  }));
  // In order of the key: two transactions that know the same ones must not wait for each other.
  await client.query(
    `insert into part_numbers (id, tenant_id, connector_id, part_number, part_number_key, billing_period, term, seen_name,
       state, candidate_count, first_seen_at, judged_at)
     select distinct on (u.id) u.id, $1, $2, u.part_number, u.part_number_key, u.billing_period, u.term, u.seen_name,
       'unmapped', 0, now(), now()
     from json_to_recordset($3) as u(id uuid, part_number text, part_number_key text, billing_period text, term text, seen_name text)
     order by u.id
     on conflict do nothing`,
    [tenantId, connectorId, JSON.stringify(rows)],
  );
}
