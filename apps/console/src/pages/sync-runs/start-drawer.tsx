import type { ReactNode } from 'react';
import { useForm } from 'react-hook-form';
import { useConnectors } from '../../data/connectors.ts';
import { useCommand } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { SelectField } from '../../parts/form/fields.tsx';
import { FormDrawer } from '../../parts/form/form-drawer.tsx';
import { runs } from '../../texts/runs.ts';
import { useCommon, useTexts, useWord } from '../../texts/use-texts.ts';
import { syncRuns } from './texts.ts';

interface StartValues {
  connectorId: string;
  scope: 'accounts' | 'subscriptions' | 'orders' | 'reports' | 'catalog';
  depth: 'incremental' | 'full' | 'scrub';
  apply: 'yes' | 'no';
}

interface StartDrawerProps {
  onClose: () => void;
  onStarted: (run: { kind: 'account' | 'catalog'; id: string }) => void;
}

const scopes = ['accounts', 'subscriptions', 'orders', 'reports'] as const;
const depths = ['full', 'incremental', 'scrub'] as const;

/** Reads something from CMP now; or only shows what reading it would change. */
export default function StartDrawer({ onClose, onStarted }: StartDrawerProps): ReactNode {
  const t = useTexts(syncRuns);
  const common = useCommon();
  const word = useWord(runs);
  const tell = useToast();
  const { connectors, chosen } = useConnectors();
  const form = useForm<StartValues>({
    defaultValues: {
      connectorId: chosen ?? (connectors.length === 1 ? connectors[0]!.id : ''),
      scope: 'accounts',
      depth: 'full',
      apply: 'yes',
    },
  });
  const startRun = useCommand('post', '/v1/sync-runs', { changes: ['/v1/sync-runs'] });
  const startCatalog = useCommand('post', '/v1/catalog-syncs', { changes: ['/v1/catalog-syncs'] });
  const isCatalog = form.watch('scope') === 'catalog';

  const start = async ({ connectorId, scope, depth, apply }: StartValues): Promise<void> => {
    const body = { connectorId, apply: apply === 'yes' };
    const { joined, id } =
      scope === 'catalog'
        ? await startCatalog.mutateAsync({ body })
        : await startRun.mutateAsync({ body: { ...body, scope, depth } });
    tell({ title: t(joined ? 'joined' : 'startedNow'), intent: 'info' });
    // After the drawer has closed itself: it takes its own name out of the address.
    setTimeout(() => onStarted({ kind: scope === 'catalog' ? 'catalog' : 'account', id }));
  };

  return (
    <FormDrawer
      title={t('startTitle')}
      form={form}
      labels={{ connectorId: common('connector'), scope: t('scope'), depth: t('depth'), apply: t('mode') }}
      submit={t('start')}
      needs={isCatalog ? 'POST /v1/catalog-syncs' : 'POST /v1/sync-runs'}
      save={start}
      onClose={onClose}
    >
      <SelectField
        form={form}
        name="connectorId"
        label={common('connector')}
        placeholder={common('none')}
        options={connectors.map(({ id, name }) => ({ value: id, label: name }))}
        required
      />
      <SelectField
        form={form}
        name="scope"
        label={t('scope')}
        options={[
          ...scopes.map((value) => ({ value, label: word('scope', value) })),
          { value: 'catalog', label: t('kind-catalog') },
        ]}
      />
      {!isCatalog && (
        <SelectField
          form={form}
          name="depth"
          label={t('depth')}
          options={depths.map((value) => ({ value, label: word('depth', value) }))}
        />
      )}
      <SelectField
        form={form}
        name="apply"
        label={t('mode')}
        options={[
          { value: 'yes', label: t('apply') },
          { value: 'no', label: t('planOnly') },
        ]}
      />
    </FormDrawer>
  );
}
