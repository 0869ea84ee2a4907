import { useMemo, useState, type ReactNode } from 'react';
import { Field, Select } from '@fluentui/react-components';
import type { Answer, Input, Operation } from '@isthmus/sdk';
import { useCommand, useList } from '../../data/queries.ts';
import { subscriptions as texts } from '../../texts/subscriptions.ts';
import { useTexts } from '../../texts/use-texts.ts';
import { BulkDrawer, type BulkOutcome, type BulkRow } from '../form/bulk-drawer.tsx';
import { titleOf, type Subscription } from './subscription.ts';

type Assign = Operation<'post', '/v1/subscriptions/assignments'>;
type Results = Answer<Assign>;
type Which = Pick<Input<Assign>['body'], 'subscriptionIds' | 'filter'>;

interface AssignDrawerProps {
  /** Those that are selected. */
  subscriptions: readonly Subscription[];
  /** All that this finds can be assigned as well, not only what is shown. */
  all?: { label: string; filter: NonNullable<Which['filter']> } | undefined;
  /** The contract that is chosen at first. */
  contractId?: string;
  /** Only its contracts are offered. */
  tenantAccountId?: string;
  onClose: () => void;
}

const nothing: BulkOutcome = { done: 0, unchanged: 0, refused: 0, rows: [] };

/** Puts many subscriptions under a billing contract, or under none; first shows which could not be. */
export default function AssignDrawer(props: AssignDrawerProps): ReactNode {
  const { subscriptions, all, contractId = '', tenantAccountId, onClose } = props;
  const t = useTexts(texts);
  const [contract, setContract] = useState(contractId);
  const { rows: contracts } = useList('/v1/billing-contracts', {
    query: { limit: 200, ...(tenantAccountId && { tenantAccountId }) },
  });
  const assign = useCommand('post', '/v1/subscriptions/assignments', {
    changes: ['/v1/subscriptions', '/v1/billing-contracts'],
  });
  const names = useMemo(() => new Map(subscriptions.map((one) => [one.id, titleOf(one)])), [subscriptions]);

  const outcomeOf = ({ assigned, unassigned, unchanged, refused, results }: Results): BulkOutcome => ({
    done: assigned + unassigned,
    unchanged,
    refused,
    rows: results.map(({ subscriptionId, outcome, detail, nextStep }): BulkRow => ({
      key: subscriptionId,
      name: names.get(subscriptionId) ?? subscriptionId,
      outcome: outcome === 'unchanged' || outcome === 'refused' ? outcome : 'done',
      detail,
      nextStep,
    })),
  });
  /** The API takes what a filter finds a thousand at a time. */
  const send = async (scope: 'selected' | 'all', dryRun: boolean): Promise<BulkOutcome> => {
    const which: Which =
      scope === 'all' && all
        ? { filter: all.filter }
        : { subscriptionIds: subscriptions.map(({ id }) => id) };
    let outcome = nothing;
    let cursor: string | null | undefined;
    do {
      const body = { billingContractId: contract || null, ...which, dryRun, ...(cursor && { cursor }) };
      const results = await assign.mutateAsync({ body });
      outcome = joined(outcome, outcomeOf(results));
      cursor = results.nextCursor;
    } while (cursor);
    return outcome;
  };

  return (
    <BulkDrawer
      title={t('assignTitle')}
      deed={t('assignDeed')}
      needs="POST /v1/subscriptions/assignments"
      scopes={[
        ...(subscriptions.length > 0
          ? [{ value: 'selected' as const, label: t('scopeSelected', { count: subscriptions.length }) }]
          : []),
        ...(all ? [{ value: 'all' as const, label: all.label }] : []),
      ]}
      dryRun={(scope) => send(scope, true)}
      run={(scope) => send(scope, false)}
      onClose={onClose}
    >
      <Field label={t('contract')}>
        <Select value={contract} onChange={(_, { value }) => setContract(value)}>
          <option value="">{t('noContract')}</option>
          {contractId && !contracts.some(({ id }) => id === contractId) && (
            <option value={contractId}>{contractId}</option>
          )}
          {contracts.map(({ id, name, tenantAccountName, tenantAccountId: account }) => (
            <option key={id} value={id}>
              {[name, tenantAccountName ?? account].join(' · ')}
            </option>
          ))}
        </Select>
      </Field>
    </BulkDrawer>
  );
}

const joined = (one: BulkOutcome, other: BulkOutcome): BulkOutcome => ({
  done: one.done + other.done,
  unchanged: one.unchanged + other.unchanged,
  refused: one.refused + other.refused,
  rows: [...one.rows, ...other.rows],
});
