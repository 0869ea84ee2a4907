import type { ClientBase } from 'pg';
import {
  type ChainFault,
  type ChainHead,
  ChainVerifier,
  type EntryText,
  type ReadLink,
} from './audit-chain.ts';
import { entryTextColumns, linkColumns } from './audit-log.job.ts';

/** Published chain heads of one service, by tenant. */
export type HeadsByTenant = ReadonlyMap<string, readonly ChainHead[]>;

export interface AuditVerification {
  service: string;
  tenants: number;
  entries: number;
  faults: ChainFault[];
}

const linksPerPage = 2_000;

/** Sealing takes a second and publishing a minute: after this long, something is wrong. */
const overdueMs = 10 * 60_000;

/** Reads the chain heads of all services from a witness's database. */
export async function readWitnessedHeads(
  witness: ClientBase,
): Promise<Map<string, Map<string, ChainHead[]>>> {
  const { rows } = await witness.query<ChainHead & { service: string; tenantId: string }>(
    `select service, tenant_id as "tenantId", sequence::float8 as sequence, hash from witnessed_audit_heads`,
  );
  const found = new Map<string, Map<string, ChainHead[]>>();
  for (const { service, tenantId, sequence, hash } of rows) {
    const ofService = found.get(service) ?? new Map<string, ChainHead[]>();
    found.set(service, ofService);
    ofService.set(tenantId, [...(ofService.get(tenantId) ?? []), { sequence, hash }]);
  }
  return found;
}

/**
 * Verifies the audit log of a service in one snapshot, page by page. The role has to see the rows of all tenants.
 * @param heads the published heads, which must be read before the log; undefined if no heads have been stored, in which case a
 * missing tail cannot be detected
 */
export async function verifyAudit(
  client: ClientBase,
  service: string,
  heads: HeadsByTenant | undefined,
  now = new Date(),
): Promise<AuditVerification> {
  await client.query('begin isolation level repeatable read read only');
  try {
    const overdue = new Date(now.getTime() - overdueMs).toISOString();
    const found: AuditVerification = { service, tenants: 0, entries: 0, faults: [] };
    for (const tenantId of await tenantsIn(client, heads)) {
      const verifier = new ChainVerifier(service, tenantId, heads?.get(tenantId) ?? [], heads && overdue);
      found.entries += await takeLinks(client, tenantId, verifier);
      for (const entry of await unsealed(client, tenantId, overdue)) verifier.takeUnsealed(entry);
      found.faults.push(...verifier.finish());
      found.tenants += 1;
    }
    return found;
  } finally {
    await client.query('rollback');
  }
}

async function tenantsIn(client: ClientBase, heads: HeadsByTenant | undefined): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(
    'select tenant_id as id from audit_entries union select tenant_id from audit_links order by 1',
  );
  return new Set([...rows.map(({ id }) => id), ...(heads?.keys() ?? [])]);
}

/** Feeds all links of a tenant to the verifier and returns their number. */
async function takeLinks(client: ClientBase, tenantId: string, verifier: ChainVerifier): Promise<number> {
  let taken = 0;
  let [sequence, position] = [Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  for (;;) {
    const { rows } = await client.query<ReadLink>(linksSql, [tenantId, sequence, position, linksPerPage]);
    for (const read of rows) {
      verifier.take(read);
      ({ sequence, position } = read.link);
    }
    taken += rows.length;
    if (rows.length < linksPerPage) return taken;
  }
}

const linksSql = `
  select (select row_to_json(x) from (select ${linkColumns}) x) as link,
    case when e.position is not null then (select row_to_json(x) from (select ${entryTextColumns}) x) end as entry
  from audit_links l left join audit_entries e on e.position = l.position
  where l.tenant_id = $1 and (l.sequence, l.position) > ($2, $3) order by l.sequence, l.position limit $4`;

/** Entries without a link that should have one: those before the last link, and those older than `overdue`. */
async function unsealed(client: ClientBase, tenantId: string, overdue: string): Promise<EntryText[]> {
  const { rows } = await client.query<EntryText>(
    `select ${entryTextColumns} from audit_entries e
     where e.tenant_id = $1 and not exists (select from audit_links l where l.position = e.position)
       and (e.position <= (select max(position) from audit_links) or e.time < $2)
     order by e.position`,
    [tenantId, overdue],
  );
  return rows;
}
