import type { PoolClient } from 'pg';
import { lineColumns } from './rated-columns.sql.ts';

/** A document whose lines are to be those gathered by a run. */
export interface NewLines {
  documentId: string;
  key: string;
  /** Rows equal in every column are all charged. */
  keepRepeats: boolean;
}

export interface LineChanges {
  documentId: string;
  added: number;
  removed: number;
  /** Lines that stay, with another kind: which word is which kind is a setting. */
  altered: number;
}

// Lines that say the same are numbered, so that the second of two equal ones finds the second of the other two.
const chosen = `create temp table chosen on commit drop as
  select k."documentId" as document_id, r.row_no, r.content, row_number() over (partition by r.document_key, r.content order by r.row_no) as nth
  from (select *, row_number() over (partition by document_key, identity order by row_no) as told
        from rated_rows where run_id = $1 and not is_total) r
  join json_to_recordset($2::json) as k("documentId" uuid, key text, "keepRepeats" boolean) on k.key = r.document_key
  where k."keepRepeats" or r.told = 1`;

const held = `select id, document_id, content, row_number() over (partition by document_id, content order by row_no, id) as nth
  from rated_lines where tenant_id = $2 and document_id = any($1)`;

/** Makes the lines of documents those gathered by the run. What is the same stays untouched, with its id. */
export async function replaceLines(
  client: PoolClient,
  run: { id: string; tenantId: string; connectorId: string },
  documents: readonly NewLines[],
): Promise<LineChanges[]> {
  const ids = documents.map(({ documentId }) => documentId);
  await client.query(chosen, [run.id, JSON.stringify(documents)]);
  await client.query('analyze chosen');
  const removed = await client.query<{ document_id: string }>(
    `with gone as (
       delete from rated_lines where id in (
         select h.id from (${held}) h left join chosen c using (document_id, content, nth) where c.row_no is null)
       returning document_id)
     select document_id, count(*)::int as n from gone group by 1`,
    [ids, run.tenantId],
  );
  const added = await client.query<{ document_id: string }>(
    `with news as (
       insert into rated_lines (tenant_id, connector_id, document_id, row_no, ${lineColumns})
       select $2, $3, c.document_id, c.row_no, ${lineColumns.replaceAll(/(\w+)/g, 'r.$1')}
       from chosen c left join (${held}) h using (document_id, content, nth)
         join rated_rows r on r.run_id = $4 and r.row_no = c.row_no
       where h.id is null order by c.row_no
       returning document_id)
     select document_id, count(*)::int as n from news group by 1`,
    [ids, run.tenantId, run.connectorId, run.id],
  );
  const altered = await client.query<{ document_id: string }>(
    `with other as (
       update rated_lines o set kind = r.kind
       from chosen c join (${held}) h using (document_id, content, nth) join rated_rows r on r.run_id = $3 and r.row_no = c.row_no
       where o.id = h.id and o.kind <> r.kind
       returning o.document_id)
     select document_id, count(*)::int as n from other group by 1`,
    [ids, run.tenantId, run.id],
  );
  await client.query('drop table chosen');
  const countIn = (counts: { rows: { document_id: string }[] }) =>
    new Map(
      (counts.rows as { document_id: string; n: number }[]).map(({ document_id, n }) => [document_id, n]),
    );
  const [gone, come, other] = [countIn(removed), countIn(added), countIn(altered)];
  return ids.map((documentId) => ({
    documentId,
    added: come.get(documentId) ?? 0,
    removed: gone.get(documentId) ?? 0,
    altered: other.get(documentId) ?? 0,
  }));
}
