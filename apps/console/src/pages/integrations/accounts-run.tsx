import { useEffect, useRef, type ReactNode } from 'react';
import { makeStyles, tokens } from '@fluentui/react-components';
import { saidOf } from '../../parts/feedback/for-people.ts';
import { useFollowed } from '../../data/follow.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { RunBar, RunCounts } from '../../parts/show/run-bar.tsx';
import { useCommon, useTexts } from '../../texts/use-texts.ts';
import { integrations } from './texts.ts';

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  line: { display: 'flex', flexWrap: 'wrap', gap: `0 ${tokens.spacingHorizontalS}` },
});

interface AccountsRunProps {
  runId: string | undefined;
  connectorName: string;
}

/** A run in its connector's row: a bar while it goes on, and word of its end with what to do next. */
export function AccountsRun({ runId, connectorName }: AccountsRunProps): ReactNode {
  const t = useTexts(integrations);
  const common = useCommon();
  const styles = useStyles();
  const tell = useToast();
  const { now } = useFollowed('/v1/sync-runs', runId);
  const told = useRef<string>(undefined);

  useEffect(() => {
    if (!now?.finishedAt || told.current === now.id) return;
    told.current = now.id;
    const { status, counts, failure } = now;
    if (status === 'succeeded')
      tell({
        title: t('accountsDone', { count: counts.read, name: connectorName }),
        next: (
          <PageLink to="/accounts" search={{ tab: 'unlinked' }}>
            {t('toLink')}
          </PageLink>
        ),
      });
    else
      tell({
        title: t('runFailed'),
        detail: saidOf(failure),
        intent: 'error',
      });
  }, [now, tell, t, connectorName]);

  if (!runId) return common('dash');
  return (
    <span className={styles.cell}>
      <span className={styles.line}>
        {now && <RunBar run={now} />}
        {now?.finishedAt && <RunCounts run={now} />}
      </span>
      <span className={styles.line}>
        {now?.status === 'succeeded' && (
          <PageLink to="/accounts" search={{ tab: 'unlinked' }}>
            {t('toLink')}
          </PageLink>
        )}
        <PageLink to="/sync-runs/$kind/$id" params={{ kind: 'account', id: runId }}>
          {t('toRun')}
        </PageLink>
      </span>
    </span>
  );
}
