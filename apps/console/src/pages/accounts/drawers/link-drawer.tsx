import { useState, type ReactNode } from 'react';
import {
  Button,
  DrawerBody,
  DrawerFooter,
  Field,
  Input,
  makeStyles,
  Radio,
  RadioGroup,
  SearchBox,
  Spinner,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import { useCommand, useList, useOne } from '../../../data/queries.ts';
import { ProblemMessage } from '../../../parts/feedback/problem.tsx';
import { useToast } from '../../../parts/feedback/toasts.tsx';
import { ActionButton } from '../../../parts/form/action-button.tsx';
import { SideDrawer } from '../../../parts/form/form-drawer.tsx';
import { PageLink } from '../../../parts/show/links.tsx';
import { linking } from './texts.ts';
import { useCommon, useTexts, useWord } from '../../../texts/use-texts.ts';
import type { Account } from '../account.ts';
import { accounts } from '../texts.ts';

const useStyles = makeStyles({
  body: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    alignContent: 'start',
    paddingBottom: tokens.spacingVerticalL,
  },
  why: { display: 'grid' },
});

/** A choice that makes a new account of what was typed. */
const newOne = 'new account';

/** Which Work 365 account a customer is: by suggestion with its reasons, by search, or as a new one. */
export default function LinkDrawer({
  account,
  onClose,
}: {
  account: Account;
  onClose: () => void;
}): ReactNode {
  const t = useTexts(accounts);
  const say = useTexts(linking);
  const common = useCommon();
  const word = useWord(linking);
  const styles = useStyles();
  const tell = useToast();
  const { id, name } = account;
  const suggestions = useOne('/v1/provider-accounts/{id}/link-suggestions', { path: { id } });
  const [q, setQ] = useState('');
  const found = useList(
    '/v1/tenant-accounts',
    { query: { q: q.trim(), limit: 20 } },
    { enabled: q.trim().length > 1 },
  );
  const [newId, setNewId] = useState('');
  const [picked, setPicked] = useState<string>();
  const create = useCommand('put', '/v1/tenant-accounts/{id}', { changes: ['/v1/tenant-accounts'] });
  const link = useCommand('put', '/v1/provider-accounts/{id}/link', { changes: ['/v1/provider-accounts'] });

  const suggested = suggestions.data?.data ?? [];
  const [best] = suggested;
  // A tie is for a person to decide.
  const choice = picked ?? (best && !best.tied ? best.tenantAccountId : '');
  const others =
    q.trim().length > 1
      ? found.rows.filter((row) => !suggested.some((one) => one.tenantAccountId === row.id))
      : [];

  const save = async (): Promise<void> => {
    let tenantAccountId = choice;
    if (choice === newOne) {
      const made = await create.mutateAsync({ path: { id: newId.trim() }, body: { name } });
      tenantAccountId = made.id;
    }
    const linked = await link.mutateAsync({ path: { id }, body: { tenantAccountId } });
    tell({
      title: say('linked', { name, tenant: linked.tenantAccountName ?? tenantAccountId }),
      next: (
        <PageLink to="/accounts/$id" params={{ id }} search={{ drawer: 'make-contract' }}>
          {t('makeContract')}
        </PageLink>
      ),
    });
    onClose();
  };
  const isReady = choice !== '' && (choice !== newOne || newId.trim() !== '');

  return (
    <SideDrawer title={t('linkTitle', { name })} onClose={onClose}>
      <DrawerBody>
        <div className={styles.body}>
          <Text>{say('linkLead')}</Text>
          <ProblemMessage error={suggestions.error} onRetry={() => void suggestions.refetch()} />
          <ProblemMessage error={create.error ?? link.error} />
          {suggestions.isPending && <Spinner label={common('loading')} />}
          <RadioGroup aria-label={t('linkedTo')} value={choice} onChange={(_, { value }) => setPicked(value)}>
            <Title3 as="h3">{say('suggestions')}</Title3>
            {suggestions.data && suggested.length === 0 && <Text>{say('noSuggestion')}</Text>}
            {suggested.map(({ tenantAccountId, name: tenantName, score, reasons, tied }) => (
              <Radio
                key={tenantAccountId}
                value={tenantAccountId}
                label={
                  <span className={styles.why}>
                    <Text weight="semibold">{tenantName}</Text>
                    <Text size={200}>
                      {[
                        say('score', { score }),
                        ...reasons.map(({ code }) => word('reason', code)),
                        ...(tied ? [say('tied')] : []),
                      ].join(' · ')}
                    </Text>
                  </span>
                }
              />
            ))}
            <Field label={say('searchTenant')}>
              <SearchBox value={q} onChange={(_, { value }) => setQ(value)} />
            </Field>
            {others.map((row) => (
              <Radio key={row.id} value={row.id} label={[row.name, ...row.domains].join(' · ')} />
            ))}
            <Radio value={newOne} label={say('newAccount')} />
          </RadioGroup>
          {choice === newOne && (
            <Field label={say('newId')} hint={say('newHint')} required>
              <Input value={newId} onChange={(_, { value }) => setNewId(value)} />
            </Field>
          )}
        </div>
      </DrawerBody>
      <DrawerFooter>
        <ActionButton
          appearance="primary"
          needs="PUT /v1/provider-accounts/{id}/link"
          reason={isReady ? undefined : say('chooseFirst')}
          isBusy={create.isPending || link.isPending}
          // What went wrong is shown by the commands themselves.
          onClick={() => void save().catch(() => undefined)}
        >
          {t('doLink')}
        </ActionButton>
        <Button onClick={onClose}>{common('cancel')}</Button>
      </DrawerFooter>
    </SideDrawer>
  );
}
