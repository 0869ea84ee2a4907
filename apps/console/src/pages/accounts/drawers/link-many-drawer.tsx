import { useMemo, useState, type ReactNode } from 'react';
import { Field, Input } from '@fluentui/react-components';
import type { Answer, Operation } from '@isthmus/sdk';
import { useCommand } from '../../../data/queries.ts';
import { BulkDrawer, type BulkOutcome } from '../../../parts/form/bulk-drawer.tsx';
import { linking } from './texts.ts';
import { useTexts } from '../../../texts/use-texts.ts';
import type { Account } from '../account.ts';
import { accounts as texts } from '../texts.ts';

type Results = Answer<Operation<'post', '/v1/provider-accounts/links'>>;

interface LinkManyDrawerProps {
  accounts: readonly Account[];
  selected: ReadonlySet<string>;
  connectorId: string | undefined;
  onClose: () => void;
}

const sureFrom = 80;

/** Links every account whose best suggestion is sure; first shows which, and to what. */
export default function LinkManyDrawer(props: LinkManyDrawerProps): ReactNode {
  const { accounts, selected, connectorId, onClose } = props;
  const t = useTexts(texts);
  const say = useTexts(linking);
  const [minScore, setMinScore] = useState(String(sureFrom));
  const link = useCommand('post', '/v1/provider-accounts/links', { changes: ['/v1/provider-accounts'] });
  const names = useMemo(() => new Map(accounts.map(({ id, name }) => [id, name])), [accounts]);

  const suggested = { minScore: Number(minScore) || sureFrom, ...(connectorId && { connectorId }) };
  const outcomeOf = ({ results }: Results): BulkOutcome => {
    const rows = results.map(({ providerAccountId, tenantAccountId, outcome, detail, nextStep }) => ({
      key: providerAccountId,
      name: `${names.get(providerAccountId) ?? providerAccountId} ${say('linksTo', { tenant: tenantAccountId })}`,
      outcome: outcome === 'linked' ? ('done' as const) : outcome,
      detail,
      nextStep,
    }));
    const count = (wanted: string): number => rows.filter(({ outcome }) => outcome === wanted).length;
    return { done: count('done'), unchanged: count('unchanged'), refused: count('refused'), rows };
  };
  /** Of the sure ones, those that are selected. */
  const chosenLinks = async (): Promise<{ providerAccountId: string; tenantAccountId: string }[]> => {
    const { results } = await link.mutateAsync({ body: { suggested, dryRun: true } });
    return results
      .filter(({ providerAccountId, outcome }) => selected.has(providerAccountId) && outcome === 'linked')
      .map(({ providerAccountId, tenantAccountId }) => ({ providerAccountId, tenantAccountId }));
  };
  const send = async (scope: 'sure' | 'selected', dryRun: boolean): Promise<BulkOutcome> => {
    if (scope === 'sure') return outcomeOf(await link.mutateAsync({ body: { suggested, dryRun } }));
    const links = await chosenLinks();
    if (links.length === 0) return { done: 0, unchanged: 0, refused: 0, rows: [] };
    return outcomeOf(await link.mutateAsync({ body: { links, dryRun } }));
  };

  return (
    <BulkDrawer
      title={say('linkManyTitle')}
      deed={t('doLink')}
      needs="POST /v1/provider-accounts/links"
      scopes={[
        ...(selected.size > 0
          ? [{ value: 'selected' as const, label: say('scope-selected', { count: selected.size }) }]
          : []),
        { value: 'sure' as const, label: say('scope-sure') },
      ]}
      dryRun={(scope) => send(scope, true)}
      run={(scope) => send(scope, false)}
      onClose={onClose}
    >
      <Field label={say('minScore')}>
        <Input type="number" value={minScore} onChange={(_, { value }) => setMinScore(value)} />
      </Field>
    </BulkDrawer>
  );
}
