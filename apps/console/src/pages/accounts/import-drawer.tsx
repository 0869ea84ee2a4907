import { useState, type ReactNode } from 'react';
import { Field } from '@fluentui/react-components';
import { useCommand } from '../../data/queries.ts';
import { BulkDrawer, type BulkOutcome } from '../../parts/form/bulk-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { importOutcome } from './account.ts';
import { accounts } from './texts.ts';

/** The accounts of Work 365 from a file; first shows what each of its rows would do. */
export default function ImportDrawer({ onClose }: { onClose: () => void }): ReactNode {
  const t = useTexts(accounts);
  const [file, setFile] = useState<File>();
  const send = useCommand('post', '/v1/tenant-accounts/import', {
    changes: ['/v1/tenant-accounts', '/v1/provider-accounts'],
  });
  const go = async (dryRun: boolean): Promise<BulkOutcome> => {
    if (!file) throw new Error(t('importFirst'));
    const results = await send.mutateAsync({ query: { dryRun }, body: await file.text() });
    return importOutcome(results, {
      name: (row, id) => t('importRow', { row, id: id || t('importNoId') }),
      done: (outcome) => t(`import-${outcome}`),
    });
  };
  return (
    <BulkDrawer
      title={t('importTitle')}
      deed={t('importDeed')}
      needs="POST /v1/tenant-accounts/import"
      scopes={[{ value: 'file', label: t('importScope') }]}
      reason={file ? undefined : t('importFirst')}
      dryRun={() => go(true)}
      run={() => go(false)}
      onClose={onClose}
    >
      {/* Its name again: the browser's field is made anew after the dry run. */}
      <Field
        label={t('importFile')}
        hint={t('importHint')}
        validationState="none"
        {...(file && { validationMessage: file.name })}
        required
      >
        {(field) => (
          <input
            {...field}
            type="file"
            accept=".csv,text/csv"
            onChange={({ target: { files } }) => setFile(files?.[0] ?? undefined)}
          />
        )}
      </Field>
    </BulkDrawer>
  );
}
