import type { ReactNode } from 'react';
import { makeStyles, Text, Title3, tokens } from '@fluentui/react-components';
import type { Connector } from '@isthmus/sdk';
import { useOne } from '../../data/queries.ts';
import { Copyable, ProblemMessage } from '../../parts/feedback/problem.tsx';
import { ActionButton } from '../../parts/form/action-button.tsx';
import { StatusBadge } from '../../parts/show/badges.tsx';
import { ButtonLink } from '../../parts/show/links.tsx';
import { Facts, type Fact } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useLanguage, useTexts } from '../../texts/use-texts.ts';
import { work365 } from './texts.ts';
import type { ApiKey } from './work365-filters.ts';

const nothing = {};

const useStyles = makeStyles({
  card: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    gridTemplateColumns: 'minmax(0, 1fr)',
    padding: tokens.spacingHorizontalL,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow4,
    border: `1px solid ${tokens.colorTransparentStroke}`,
  },
  head: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'center' },
  push: { marginInlineStart: 'auto' },
  steps: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    margin: 0,
    paddingInlineStart: tokens.spacingHorizontalXL,
  },
  keys: { margin: 0, paddingInlineStart: tokens.spacingHorizontalL, overflowWrap: 'anywhere' },
  summary: { cursor: 'pointer', fontWeight: tokens.fontWeightSemibold },
});

/** Work 365 asks for it under this name, whatever the language. */
const copied = (term: string, value: string): Fact => ({
  term,
  value: <Copyable label={term} value={value} isLabelled={false} />,
});

interface SetupProps {
  /** None as long as it is not clear which. */
  connector: Connector | undefined;
  keys: readonly ApiKey[];
  keysError: Error | null;
  onIssue: () => void;
}

/** What to type where in Work 365, and whether it has called since. */
export function SetupCard({ connector, keys, keysError, onIssue }: SetupProps): ReactNode {
  const t = useTexts(work365);
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const { data: setup, error } = useOne('/v1/work365/setup', nothing);
  const { data: calls } = useOne(
    '/v1/work365/calls',
    { query: { limit: 1, ...(connector && { connectorId: connector.id }) } },
    { every: 10_000 },
  );
  const last = calls?.data[0];
  const fields: Fact[] = connector
    ? [
        copied('Name', connector.name),
        {
          term: 'EndPointUrl',
          value: setup?.endpointUrl ? (
            <Copyable label={t('address')} value={setup.endpointUrl} isLabelled={false} />
          ) : (
            t('addressUnknown')
          ),
        },
        { term: 'Password', value: t('passwordIs') },
        copied('Country Code', connector.country),
        copied('Currency Code', connector.currency),
      ]
    : [];
  const steps = (
    <ol className={styles.steps}>
      <li>
        <Text block>{t('stepKey')}</Text>
        {connector ? (
          <ActionButton needs="POST /v1/connectors/{id}/api-keys" onClick={onIssue}>
            {t('issue')}
          </ActionButton>
        ) : (
          <Text weight="semibold">{t('chooseConnector')}</Text>
        )}
        <ProblemMessage error={keysError} />
        {keys.length > 0 && (
          <ul className={styles.keys} aria-label={t('keys')}>
            {keys.map(({ id, label, prefix, lastUsedAt, expiresAt }) => (
              <li key={id}>
                {t('keyLine', {
                  label,
                  prefix,
                  used: lastUsedAt ? t('used', { ago: format.ago(lastUsedAt) }) : t('neverUsed'),
                  expires: expiresAt ? t('expires', { day: format.day(expiresAt) }) : t('noExpiry'),
                })}
              </li>
            ))}
          </ul>
        )}
      </li>
      <li>
        <Text block>{t('stepFields')}</Text>
        {fields.length > 0 && <Facts facts={fields} />}
      </li>
      <li>{t('stepVerify')}</li>
    </ol>
  );

  return (
    <section className={styles.card} aria-label={t('setup')}>
      <div className={styles.head}>
        <Title3 as="h2">{t('setup')}</Title3>
        {calls && (
          <StatusBadge tone={last ? 'good' : 'neutral'}>
            {last ? t('lastCall', { ago: format.ago(last.at) }) : t('neverCalled')}
          </StatusBadge>
        )}
        <Text className={styles.push}>{setup && t('kept', { days: setup.callsKeptDays })}</Text>
      </div>
      <ProblemMessage error={error} />
      {calls &&
        (last ? (
          <details>
            <summary className={styles.summary}>{t('how')}</summary>
            {steps}
          </details>
        ) : (
          steps
        ))}
      {!connector && <ButtonLink to="/admin/hub/integrations">{t('toIntegrations')}</ButtonLink>}
    </section>
  );
}
