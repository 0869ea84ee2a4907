import { useState, type ReactNode } from 'react';
import { StaleVersion } from '@isthmus/sdk';
import { useForm } from 'react-hook-form';
import { read, useCommand, useList, useOne } from '../../data/queries.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { changedFields } from '../../parts/form/differences.ts';
import { SelectField, TextField } from '../../parts/form/fields.tsx';
import { FormDrawer, type Saved } from '../../parts/form/form-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { titleOf, type Subscription } from '../../parts/subscription/subscription.ts';
import { subscriptions } from '../../texts/subscriptions.ts';

/** Of the contract: empty for none. */
type EditValues = Record<'friendlyName' | 'billingContractId', string>;

const savedOf = ({ version, friendlyName, billingContractId }: Subscription): Saved<EditValues> => ({
  version,
  values: { friendlyName: friendlyName ?? '', billingContractId: billingContractId ?? '' },
});

/** What people here call it, and under which contract it is billed. Neither changes anything at Ingram Micro. */
export default function EditDrawer({
  subscription,
  onClose,
}: {
  subscription: Subscription;
  onClose: () => void;
}): ReactNode {
  const { id, providerAccountId } = subscription;
  const t = useTexts(subscriptions);
  const tell = useToast();
  const [before] = useState(() => savedOf(subscription));
  const form = useForm<EditValues>({ defaultValues: before.values });
  const change = useCommand('patch', '/v1/subscriptions/{id}', { changes: ['/v1/subscriptions'] });
  const send = (version: number, body: Partial<Record<keyof EditValues, string | null>>): Promise<unknown> =>
    change.mutateAsync({ path: { id }, version, body });
  const account = useOne(
    '/v1/provider-accounts/{id}',
    { path: { id: providerAccountId ?? '' } },
    { enabled: providerAccountId !== null },
  );
  const tenantAccountId = account.data?.tenantAccountId;
  const { rows: contracts } = useList(
    '/v1/billing-contracts',
    { query: { ...(tenantAccountId && { tenantAccountId }), limit: 200 } },
    { enabled: Boolean(tenantAccountId) },
  );
  const known = contracts.some((one) => one.id === before.values.billingContractId);
  return (
    <FormDrawer
      title={t('editTitle', { name: titleOf(subscription) })}
      form={form}
      labels={{ friendlyName: t('friendlyName'), billingContractId: t('contract') }}
      needs="PATCH /v1/subscriptions/{id}"
      saved={{
        now: before,
        read: async () => savedOf(await read('/v1/subscriptions/{id}', { path: { id } })),
      }}
      save={async (values, version = 0) => {
        const { friendlyName, billingContractId } = changedFields(before.values, values);
        const body = {
          ...(friendlyName !== undefined && { friendlyName: friendlyName.trim() || null }),
          ...(billingContractId !== undefined && { billingContractId: billingContractId || null }),
        };
        if (Object.keys(body).length === 0) return;
        await send(version, body).catch(async (failure: unknown) => {
          if (!(failure instanceof StaleVersion)) throw failure;
          // It was read again from CMP meanwhile, or ordered: what is edited here is as it was, so nobody's work is lost.
          const now = savedOf(await read('/v1/subscriptions/{id}', { path: { id } }));
          if (Object.keys(changedFields(before.values, now.values)).length > 0) throw failure;
          await send(now.version, body);
        });
        tell({ title: t('edited') });
      }}
      onClose={onClose}
    >
      <TextField form={form} name="friendlyName" label={t('friendlyName')} hint={t('friendlyHint')} />
      <SelectField
        form={form}
        name="billingContractId"
        label={t('contract')}
        hint={account.data && !tenantAccountId ? t('notLinked') : t('contractHint')}
        placeholder={t('noContract')}
        options={[
          ...(known || !before.values.billingContractId
            ? []
            : [{ value: before.values.billingContractId, label: before.values.billingContractId }]),
          ...contracts.map(({ id: value, name, currency }) => ({ value, label: `${name} · ${currency}` })),
        ]}
      />
    </FormDrawer>
  );
}
