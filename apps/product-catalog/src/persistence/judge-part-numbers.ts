import { PartNumber } from '@isthmus/domain';
import type { Statements } from '@isthmus/messaging';
import { TenantRows } from '@isthmus/service-kit';
import { judge, type Judgement } from '../domain/judge-resolution.ts';
import { resolveMany } from './queries/resolve-many.query.ts';

interface Known extends Judgement {
  id: string;
  partNumber: string;
  billingPeriod: string;
  term: string;
}

const batchSize = 500;
const columns = `id, part_number as "partNumber", billing_period as "billingPeriod", term, state, product_id as "productId",
  decided_by as "decidedBy", candidate_count as "candidateCount", reason`;

/** Which ones: all of a connector, or those with these keys. */
export interface Judged {
  tenantId: string;
  connectorId: string;
  keys?: readonly string[];
}

/** Resolves known part numbers again and writes those whose answer is another one now. Answers how many. */
export async function judgePartNumbers(client: Statements, judged: Judged): Promise<number> {
  const rows = TenantRows.of(client, judged.tenantId);
  let written = 0;
  for await (const known of judged.keys ? withKeys(rows, judged, judged.keys) : allOf(rows, judged))
    written += await judgeBatch(client, rows, judged.connectorId, known);
  return written;
}

async function* allOf(rows: TenantRows, { connectorId }: Judged): AsyncGenerator<Known[]> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const known = await rows.select<Known>(
      `select ${columns} from part_numbers where tenant_id = $1 and connector_id = $2 and id > $3
       order by id limit ${batchSize}`,
      [connectorId, after],
    );
    if (!known.length) return;
    yield known;
    after = known.at(-1)!.id;
  }
}

/** Keys in batches, and not rows: an order by id would read past everything else to find them. */
async function* withKeys(
  rows: TenantRows,
  { connectorId }: Judged,
  keys: readonly string[],
): AsyncGenerator<Known[]> {
  for (let from = 0; from < keys.length; from += batchSize) {
    yield await rows.select<Known>(
      `select ${columns} from part_numbers where tenant_id = $1 and connector_id = $2 and part_number_key = any($3)`,
      [connectorId, keys.slice(from, from + batchSize)],
    );
  }
}

async function judgeBatch(
  client: Statements,
  rows: TenantRows,
  connectorId: string,
  known: readonly Known[],
): Promise<number> {
  const questions = known.map(({ partNumber, billingPeriod, term }) => ({
    partNumber: PartNumber.parse(partNumber),
    billingPeriod: billingPeriod || undefined,
    term: term || undefined,
  }));
  const resolutions = await resolveMany(rows, connectorId, questions);
  const changed = known.flatMap(({ id, ...before }, index) => {
    const now = judge(resolutions[index]!);
    const facts = Object.keys(now) as (keyof Judgement)[];
    return facts.some((fact) => now[fact] !== before[fact]) ? [{ id, ...now }] : [];
  });
  if (!changed.length) return 0;
  await client.query(
    `update part_numbers p set state = j.state, product_id = j."productId", decided_by = j."decidedBy",
       candidate_count = j."candidateCount", reason = j.reason, judged_at = now()
     from json_to_recordset($2) as j(id uuid, state text, "productId" uuid, "decidedBy" text, "candidateCount" int, reason text)
     where p.id = j.id and p.tenant_id = $1`,
    [rows.tenantId, JSON.stringify(changed)],
  );
  return changed.length;
}
