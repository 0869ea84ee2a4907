import { useState, type ReactNode } from 'react';
import { Button, Field } from '@fluentui/react-components';
import { saveFile } from '../../../data/api.ts';
import { useCommand } from '../../../data/queries.ts';
import { BulkDrawer, type BulkOutcome } from '../../../parts/form/bulk-drawer.tsx';
import { linking } from './texts.ts';
import { useTexts } from '../../../texts/use-texts.ts';
import { importOutcome } from '../account.ts';

const example = [
  'id,name,domains,emails,taxRegId',
  'W365-0001,Contoso Ltd,contoso.com contoso.onmicrosoft.com,billing@contoso.com,12-3456789',
  '',
].join('\r\n');

/** The accounts of Work 365 from a file; first shows what each of its rows would do. */
export default function ImportDrawer({ onClose }: { onClose: () => void }): ReactNode {
  const say = useTexts(linking);
  const [file, setFile] = useState<File>();
  const send = useCommand('post', '/v1/tenant-accounts/import', {
    changes: ['/v1/tenant-accounts', '/v1/provider-accounts'],
  });
  const go = async (dryRun: boolean): Promise<BulkOutcome> => {
    if (!file) throw new Error(say('importFirst'));
    const results = await send.mutateAsync({ query: { dryRun }, body: await file.text() });
    return importOutcome(results, {
      name: (row, id, name) =>
        say('importRow', { row, name: [name, id || say('importNoId')].filter(Boolean).join(' · ') }),
      done: (outcome) => say(`import-${outcome}`),
    });
  };
  return (
    <BulkDrawer
      title={say('importTitle')}
      deed={say('importDeed')}
      needs="POST /v1/tenant-accounts/import"
      scopes={[{ value: 'file', label: say('importScope') }]}
      reason={file ? undefined : say('importFirst')}
      dryRun={() => go(true)}
      run={() => go(false)}
      onClose={onClose}
    >
      {/* Its name again: the browser's field is made anew after the dry run. */}
      <Field
        label={say('importFile')}
        hint={say('importHint')}
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
      <div>
        <Button onClick={() => saveFile(say('exampleFile'), example)}>{say('importExample')}</Button>
      </div>
    </BulkDrawer>
  );
}
