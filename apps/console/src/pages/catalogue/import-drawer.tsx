import { useRef, useState, type ReactNode } from 'react';
import { Field } from '@fluentui/react-components';
import { read, useCommand } from '../../data/queries.ts';
import { BulkDrawer, type BulkOutcome } from '../../parts/form/bulk-drawer.tsx';
import { useTexts, useWord } from '../../texts/use-texts.ts';
import { importOutcome } from './catalogue-values.ts';
import { catalogue } from './texts.ts';

/** The counts are of all rows; so many of them are shown, those that cannot be applied first. */
const shownRows = 200;

/** Mappings from a file: sent, shown row by row, and applied only then. */
export default function ImportDrawer({
  connectorId,
  onClose,
}: {
  connectorId: string;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(catalogue);
  const word = useWord(catalogue);
  const [file, setFile] = useState<File>();
  const sent = useRef<string>(undefined);
  const preview = useCommand('post', '/v1/mappings/import');
  const apply = useCommand('post', '/v1/mappings/import/{id}/apply', { changes: ['/v1/part-numbers'] });

  const outcomeOf = async (id: string, counts: Record<string, number>): Promise<BulkOutcome> => {
    const of = { path: { id } };
    const [refused, first] = await Promise.all([
      read('/v1/mappings/import/{id}/rows', { ...of, query: { outcome: 'refused', limit: shownRows } }),
      read('/v1/mappings/import/{id}/rows', { ...of, query: { limit: shownRows } }),
    ]);
    const rows = [...refused.data, ...first.data.filter(({ outcome }) => outcome !== 'refused')];
    return importOutcome(counts, rows, (outcome) => word('import', outcome));
  };
  const dryRun = async (): Promise<BulkOutcome> => {
    const { id, counts } = await preview.mutateAsync({
      query: { connectorId },
      body: await file!.text(),
    });
    sent.current = id;
    return outcomeOf(id, counts);
  };
  const run = async (): Promise<BulkOutcome> => {
    const { id, counts } = await apply.mutateAsync({ path: { id: sent.current! } });
    return outcomeOf(id, counts);
  };
  return (
    <BulkDrawer
      title={t('importTitle')}
      deed={t('apply')}
      needs="POST /v1/mappings/import"
      reason={file ? undefined : t('fileFirst')}
      scopes={[{ value: 'file', label: t('scope-file') }]}
      dryRun={dryRun}
      run={run}
      onClose={onClose}
    >
      <Field label={t('file')} hint={t('fileHint')}>
        {(field) => (
          <input
            {...field}
            type="file"
            accept=".csv,text/csv"
            onChange={({ target: { files } }) => setFile(files?.[0])}
          />
        )}
      </Field>
    </BulkDrawer>
  );
}
