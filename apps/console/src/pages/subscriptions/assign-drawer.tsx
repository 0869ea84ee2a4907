import { useMemo, useState, type ReactNode } from 'react';
import { Field, Select } from '@fluentui/react-components';
import type { Answer, Operation } from '@isthmus/sdk';
import { useCommand, useList } from '../../data/queries.ts';
import { BulkDrawer, type BulkOutcome, type BulkRow } from '../../parts/form/bulk-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { titleOf, type Subscription } from './subscription-values.ts';
import { subscriptions as texts } from './texts.ts';

type Results = Answer<Operation<'post', '/v1/subscriptions/assignments'>>;

interface AssignDrawerProps {
  subscriptions: readonly Subscription[];
  onClose: () => void;
}

const contractsQuestion = { query: { limit: 200 } };

/** Puts many subscriptions under a billing contract, or under none; first shows which could not be. */
export default function AssignDrawer({ subscriptions, onClose }: AssignDrawerProps): ReactNode {
  const t = useTexts(texts);
  const [contract, setContract] = useState('');
  const { rows: contracts } = useList('/v1/billing-contracts', contractsQuestion);
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
  const send = async (dryRun: boolean): Promise<BulkOutcome> =>
    outcomeOf(
      await assign.mutateAsync({
        body: {
          billingContractId: contract || null,
          subscriptionIds: subscriptions.map(({ id }) => id),
          dryRun,
        },
      }),
    );

  return (
    <BulkDrawer
      title={t('assignTitle')}
      deed={t('assignDeed')}
      needs="POST /v1/subscriptions/assignments"
      scopes={[{ value: 'selected', label: t('scopeSelected', { count: subscriptions.length }) }]}
      dryRun={() => send(true)}
      run={() => send(false)}
      onClose={onClose}
    >
      <Field label={t('contract')}>
        <Select value={contract} onChange={(_, { value }) => setContract(value)}>
          <option value="">{t('noContract')}</option>
          {contracts.map(({ id, name, tenantAccountName, tenantAccountId }) => (
            <option key={id} value={id}>
              {[name, tenantAccountName ?? tenantAccountId].join(' · ')}
            </option>
          ))}
        </Select>
      </Field>
    </BulkDrawer>
  );
}
