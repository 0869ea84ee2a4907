import type { ServiceEnv, ServiceOptions } from '@isthmus/service-kit';

/** An entry of the audit log as it is in the database, before it is sealed. */
export interface WrittenEntry {
  subject: string;
  channel: string;
  role: string | null;
  action: string;
  /** `<type> <id>` */
  thing: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the spec asserts its shape
  before: any;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  after: any;
  reason: string | null;
  correlationId: string;
}

type Rows = (sql: string, values?: unknown[]) => Promise<unknown[]>;

/**
 * Reads what a service writes into its audit log, command by command:
 *
 *   const log = watchAudit(service.rows, tenantId);
 *   await service.call('POST', …);
 *   expect(await log.written()).toMatchObject([{ action: 'connector.create' }]);
 *   …
 *   expect(log.unseen(await auditedActions(options))).toEqual([]);
 */
export function watchAudit(rows: Rows, tenantId: string) {
  let last = 0;
  const seen = new Set<string>();
  return {
    /** Returns the entries written since the last call, in order. */
    async written(): Promise<WrittenEntry[]> {
      const found = (await rows(
        `select position::float8 as position, subject, channel, role, action, thing_type || ' ' || thing_id as thing, before, after, reason,
           correlation_id as "correlationId"
         from audit_entries where tenant_id = $1 and position > $2 order by position`,
        [tenantId, last],
      )) as (WrittenEntry & { position: number })[];
      last = found.at(-1)?.position ?? last;
      return found.map(({ position: _, ...entry }) => {
        seen.add(entry.action);
        return entry;
      });
    },
    /** Returns those of the actions for which no entry was written. */
    unseen: (actions: readonly string[]): string[] => actions.filter((action) => !seen.has(action)),
  };
}

/** Routes that every service has from the kit, whose specs look at their entries. */
const ofTheKit = /^parked-message\./;

/** All actions declared by the service's own routes, read from its OpenAPI document. */
export async function auditedActions<E extends ServiceEnv>(options: ServiceOptions<E>): Promise<string[]> {
  const { readApiDocument } = await import('@isthmus/service-kit');
  const { paths } = await readApiDocument(options);
  const operations = Object.values(paths).flatMap((path) => Object.values(path as object)) as object[];
  const declared = operations.flatMap(
    (operation) => (operation as { 'x-isthmus-audit'?: string[] })['x-isthmus-audit'] ?? [],
  );
  return [...new Set(declared.filter((action) => !ofTheKit.test(action)))].sort();
}
