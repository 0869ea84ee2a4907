import { useRef, useState, type ReactNode } from 'react';
import { Button, DrawerBody, DrawerFooter, makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Answer, Connector, Operation } from '@isthmus/sdk';
import { useForm } from 'react-hook-form';
import { useCommand } from '../../data/queries.ts';
import { Copyable } from '../../parts/feedback/problem.tsx';
import { TextField } from '../../parts/form/fields.tsx';
import { FormDrawer, SideDrawer } from '../../parts/form/form-drawer.tsx';
import { useTexts } from '../../texts/use-texts.ts';
import { work365 } from './texts.ts';

interface KeyValues {
  label: string;
  expiresAt: string;
}
type Issued = Answer<Operation<'post', '/v1/connectors/{id}/api-keys'>>;

const useStyles = makeStyles({
  body: { display: 'grid', gap: tokens.spacingVerticalM, alignContent: 'start', overflowWrap: 'anywhere' },
});

/** Issues an API key, and shows it this once. */
export default function KeyDrawer({
  connector: { id, name },
  onClose,
}: {
  connector: Connector;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(work365);
  const styles = useStyles();
  const [issued, setIssued] = useState<Issued>();
  const isIssued = useRef(false);
  const form = useForm<KeyValues>({ defaultValues: { label: 'Work 365', expiresAt: '' } });
  const issue = useCommand('post', '/v1/connectors/{id}/api-keys', { changes: ['/v1/connectors'] });
  if (issued)
    return (
      <SideDrawer title={t('keyOf', { label: issued.label })} onClose={onClose}>
        <DrawerBody>
          <div className={styles.body}>
            <Text weight="semibold">{t('keyOnce')}</Text>
            <Copyable label={t('password')} value={issued.key} />
            <Text>{t('keyNext')}</Text>
          </div>
        </DrawerBody>
        <DrawerFooter>
          <Button appearance="primary" onClick={onClose}>
            {t('keyDone')}
          </Button>
        </DrawerFooter>
      </SideDrawer>
    );
  return (
    <FormDrawer
      title={t('issueFor', { name })}
      form={form}
      labels={{ label: t('keyLabel'), expiresAt: t('keyExpires') }}
      needs="POST /v1/connectors/{id}/api-keys"
      submit={t('issueNow')}
      save={async ({ label, expiresAt }) => {
        const key = await issue.mutateAsync({
          path: { id },
          body: { label: label.trim(), ...(expiresAt && { expiresAt: `${expiresAt}T23:59:59Z` }) },
        });
        isIssued.current = true;
        setIssued(key);
      }}
      // A form closes when it was saved; this one then shows what came of it.
      onClose={() => {
        if (!isIssued.current) onClose();
      }}
    >
      <TextField form={form} name="label" label={t('keyLabel')} hint={t('keyLabelHint')} required />
      <TextField
        form={form}
        name="expiresAt"
        label={t('keyExpires')}
        hint={t('keyExpiresHint')}
        type="date"
      />
    </FormDrawer>
  );
}
