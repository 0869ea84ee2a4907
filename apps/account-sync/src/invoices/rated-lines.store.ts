import { UnusableField } from '@isthmus/domain';
import { emitMany } from '@isthmus/messaging';
import { audit, clientIn, currentCorrelationId } from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { randomUUID } from 'node:crypto';
import { matchLines, recountMatches } from './import/rated-documents.store.ts';
import { readRatedLine } from './invoices.store.ts';

interface Decision {
  decision: 'match' | 'exclude' | 'automatic';
  providerAccountId?: string | undefined;
  providerSubscriptionId?: string | undefined;
  reason: string;
  by: string;
}

/** The part of a line that a decision changes, as the audit log has it. */
const decidable = `provider_account_id as "providerAccountId", provider_subscription_id as "providerSubscriptionId",
  matched_by as "matchedBy", excluded_at is not null as excluded`;

/**
 * Matches a line to an account, excludes it from matching, or leaves it to the rules again. The invoice's number of unmatched lines
 * follows, and is published.
 * @throws RatedLineNotFound, UnusableField
 */
export async function decideLine(
  em: EntityManager,
  tenantId: string,
  id: string,
  { decision, reason, by, ...named }: Decision,
): Promise<void> {
  const line = await readRatedLine(em, tenantId, id);
  const { connectorId, documentId } = line;
  const client = clientIn(em);
  const target = decision === 'match' ? await targetOf(em, { tenantId, connectorId }, named) : none(named);
  const { rows: before } = await client.query<Record<string, unknown>>(
    `select ${decidable} from rated_lines where tenant_id = $1 and id = $2 for update`,
    [tenantId, id],
  );
  await client.query(
    `update rated_lines set provider_account_id = $3, provider_subscription_id = $4, matched_by = $5,
       excluded_at = case when $6 then now() end, decided_by = $7, decision_reason = $8, unmatched_reason = null
     where tenant_id = $1 and id = $2`,
    [
      ...[tenantId, id, target.accountId, target.subscriptionId],
      ...[decision === 'match' ? 'manual' : null, decision === 'exclude'],
      ...(decision === 'automatic' ? [null, null] : [by, reason]),
    ],
  );
  const owner = { tenantId, connectorId, id: currentCorrelationId() ?? randomUUID() };
  await matchLines(client, owner, [documentId]);
  const { rows: after } = await client.query<Record<string, unknown>>(
    `select ${decidable} from rated_lines where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  await audit(em, {
    ...{ tenantId, action: 'rated-line.decide', thing: ['rated-line', id], reason },
    ...{ before: before[0]!, after: after[0]! },
  });
  await emitMany(client, await recountMatches(client, owner, [documentId], new Date().toISOString()));
}

/** @throws UnusableField */
function none(named: Pick<Decision, 'providerAccountId' | 'providerSubscriptionId'>) {
  for (const field of ['providerAccountId', 'providerSubscriptionId'] as const)
    if (named[field] !== undefined)
      throw new UnusableField(
        field,
        'Only a match names an account or a subscription.',
        `Leave ${field} out.`,
      );
  return { accountId: null, subscriptionId: null };
}

/** @throws UnusableField unless exactly one is named, and it is one of the line's connector */
async function targetOf(
  em: EntityManager,
  { tenantId, connectorId }: { tenantId: string; connectorId: string },
  {
    providerAccountId,
    providerSubscriptionId,
  }: Pick<Decision, 'providerAccountId' | 'providerSubscriptionId'>,
): Promise<{ accountId: string; subscriptionId: string | null }> {
  if ((providerAccountId === undefined) === (providerSubscriptionId === undefined))
    throw new UnusableField(
      'providerAccountId',
      'A match names either an account or a subscription.',
      'Give providerAccountId or providerSubscriptionId.',
    );
  const field = providerAccountId === undefined ? 'providerSubscriptionId' : 'providerAccountId';
  const { rows } = await clientIn(em).query<{ accountId: string; subscriptionId: string | null }>(
    providerAccountId === undefined
      ? `select a.id as "accountId", s.id as "subscriptionId" from provider_subscriptions s
         join provider_accounts a on a.id = s.provider_account_id and a.tenant_id = s.tenant_id
         where s.tenant_id = $1 and s.connector_id = $2 and s.id = $3`
      : `select id as "accountId", null as "subscriptionId" from provider_accounts
         where tenant_id = $1 and connector_id = $2 and id = $3`,
    [tenantId, connectorId, providerAccountId ?? providerSubscriptionId],
  );
  if (!rows[0])
    throw new UnusableField(
      field,
      `Connector ${connectorId} has none of this id.`,
      'Use an id of the same connector.',
    );
  return rows[0];
}
