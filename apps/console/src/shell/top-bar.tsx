import { lazy, useCallback, useSyncExternalStore, type ReactNode } from 'react';
import { makeStyles, Select, Text } from '@fluentui/react-components';
import { PersonCircleRegular } from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useConnectors } from '../data/connectors.ts';
import { errorOf } from '../data/query-client.ts';
import { useMe } from '../data/session.tsx';
import { LazyMenu } from '../parts/form/lazy-menu.tsx';
import { formatOf } from '../texts/format.ts';
import { useCommon, useLanguage, useTexts } from '../texts/use-texts.ts';
import { shell } from './texts.ts';

const MeItems = lazy(() => import('./me-items.tsx'));

const useStyles = makeStyles({
  select: { minWidth: '9rem', maxWidth: '16rem' },
  push: { marginInlineStart: 'auto' },
});

/** Whose data and of which connector, how fresh it is, and who is signed in. */
export default function TopBar(): ReactNode {
  const t = useTexts(shell);
  const styles = useStyles();
  const { tenant, tenantName } = useMe();
  return (
    <>
      <ConnectorChooser />
      <Text className={styles.push} title={t('tenant', { tenant: tenantName ?? tenant })}>
        {tenantName ?? tenant}
      </Text>
      <Freshness />
      <MeMenu />
    </>
  );
}

/** The connector that lists are of; it stays in the address. */
function ConnectorChooser(): ReactNode {
  const t = useTexts(shell);
  const common = useCommon();
  const styles = useStyles();
  const navigate = useNavigate();
  const { connector } = useSearch({ strict: false });
  const { connectors } = useConnectors();
  if (connectors.length < 2 && !connector) return null;
  return (
    <Select
      className={styles.select}
      aria-label={common('connector')}
      value={connector ?? ''}
      onChange={(_, { value }) =>
        void navigate({ to: '.', search: (before) => ({ ...before, connector: value || undefined }) })
      }
    >
      <option value="">{t('allConnectors')}</option>
      {connectors.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </Select>
  );
}

/** Since when what is shown is so: the oldest answer on the page, and whether a newer one failed to come. */
function Freshness(): ReactNode {
  const t = useTexts(shell);
  const common = useCommon();
  const client = useQueryClient();
  const format = formatOf(useLanguage());
  const cache = client.getQueryCache();
  const subscribe = useCallback(
    // Queries tell in the midst of drawing; who listens must not draw then.
    (listener: () => void) => cache.subscribe(() => queueMicrotask(listener)),
    [cache],
  );
  const seen = useSyncExternalStore(subscribe, () => {
    const shown = cache.findAll({ type: 'active' });
    const received = shown.map(({ state }) => state.dataUpdatedAt).filter((at) => at > 0);
    // That there is none is an answer, unless there was one.
    const failed = shown.some((query) => {
      const error = errorOf(query);
      return error !== null && (query.state.data !== undefined || error.name !== 'NotFound');
    });
    return `${received.length > 0 ? Math.min(...received) : 0} ${failed ? 'failed' : 'fine'}`;
  });
  const [since = '0', how] = seen.split(' ');
  if (since === '0') return null;
  const time = format.time(new Date(Number(since)));
  return (
    <Text title={how === 'fine' ? t('upToDate', { time }) : t('notUpToDate')}>
      {common('dataAsOf', { time })}
      {how === 'failed' && ` – ${t('notUpToDate')}`}
    </Text>
  );
}

function MeMenu(): ReactNode {
  const t = useTexts(shell);
  const { name } = useMe();
  return (
    <LazyMenu label={t('me', { name })} icon={<PersonCircleRegular />}>
      <MeItems />
    </LazyMenu>
  );
}
