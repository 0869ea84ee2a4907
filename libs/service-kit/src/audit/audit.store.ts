import { randomUUID } from 'node:crypto';
import type { SqlClient } from '@isthmus/messaging';
import type { EntityManager } from '@mikro-orm/postgresql';
import { clientIn } from '../database/transactions.ts';
import { currentCorrelationId } from '../telemetry/correlation.ts';
import { type Actor, currentActing } from './actor.ts';
import { boundText, changedFields } from './changed-fields.ts';

/** The effect of a command, for the audit log. */
export interface AuditedChange {
  tenantId: string;
  /** `<noun>.<verb>`, such as `connector.update`; one of those that the route declares with `@Audited`. */
  action: string;
  thing: readonly [type: string, id: string];
  /** The thing's previous fields, as far as users may see them; absent for something new. */
  before?: object | null;
  /** The thing's new fields; absent for something that was removed. */
  after?: object | null;
  reason?: string | null;
  /** The actor, if it is neither the caller of a route nor an actor passed to `actingAs`. */
  by?: Actor;
  /** Used if there is no request. */
  correlationId?: string;
}

/**
 * Writes an entry of the audit log in the caller's transaction, and therefore if and only if the related change is committed. It
 * does not wait for other transactions: the entry gets its place in the tenant's chain afterwards (docs/decisions/0118). Nothing
 * is written if both sides are given and equal, because then nothing changed.
 */
export async function audit(on: EntityManager | SqlClient, change: AuditedChange): Promise<void> {
  const values = rowOf(change);
  if (!values) return;
  const client = 'getKysely' in on ? clientIn(on) : on;
  await client.query({ name: 'isthmus.audit', text: insertSql, values });
}

/**
 * Like `audit`, but as part of one statement, for commands whose effect is written in SQL (`idempotentStatement`).
 * @param from what has a row when the command takes effect, such as `placed`
 */
export function auditEffect(
  change: AuditedChange,
  from: string,
  parameter: (value: unknown) => string,
): string {
  const values = rowOf(change);
  if (!values) throw new Error(`${change.action} is to be audited, but has no changes.`);
  const places = values.map((value, index) => `${parameter(value)}::${columns[index]![1]}`);
  return `audited as (insert into audit_entries (${columnNames}) select ${places.join(', ')} from ${from})`;
}

const columns = [
  ['tenant_id', 'uuid'],
  ['time', 'timestamptz'],
  ['subject', 'text'],
  ['channel', 'text'],
  ['role', 'text'],
  ['action', 'text'],
  ['thing_type', 'text'],
  ['thing_id', 'text'],
  ['before', 'json'],
  ['after', 'json'],
  ['reason', 'text'],
  ['correlation_id', 'text'],
] as const;

const columnNames = columns.map(([name]) => name).join(', ');
const insertSql = `insert into audit_entries (${columnNames}) values (${columns
  .map(([, type], index) => `$${index + 1}::${type}`)
  .join(', ')})`;

const maxReasonLength = 1_000;
const maxIdLength = 255;

/** The values of `columns`; null if there are no changes. */
function rowOf(change: AuditedChange): unknown[] | null {
  const { tenantId, action, thing, reason, by, correlationId } = change;
  const acting = currentActing();
  const actor = acting?.actor ?? by;
  if (!actor) throw new NobodyActs(action);
  if (acting?.actions && !acting.actions.includes(action)) throw new UndeclaredAction(action, acting.actions);
  const changed = changedFields(change.before, change.after);
  if (!changed) return null;
  return [
    tenantId,
    new Date().toISOString(),
    boundText(actor.subject, 200),
    actor.channel,
    actor.role,
    action,
    thing[0],
    boundText(thing[1], maxIdLength),
    changed.before && JSON.stringify(changed.before),
    changed.after && JSON.stringify(changed.after),
    reason ? boundText(reason, maxReasonLength) : null,
    boundText(currentCorrelationId() ?? correlationId ?? randomUUID(), maxIdLength),
  ];
}

/** A programming error: a command is carried out without a known actor. */
export class NobodyActs extends Error {
  override readonly name = 'NobodyActs';
  readonly code = 'audit.nobody-acts';

  constructor(action: string) {
    super(`${action} is to be audited, but no actor is known. Run it inside actingAs(), or pass "by".`);
  }
}

/** A mistake in the code: the route does what it does not declare. */
export class UndeclaredAction extends Error {
  override readonly name = 'UndeclaredAction';
  readonly code = 'audit.undeclared-action';

  constructor(action: string, declared: readonly string[]) {
    super(
      `The route does "${action}" and declares ${declared.length ? `@Audited('${declared.join("', '")}')` : 'nothing'}. ` +
        `Name the action there.`,
    );
  }
}
