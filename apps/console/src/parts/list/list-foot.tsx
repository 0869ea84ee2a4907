import { useState, type ReactNode } from 'react';
import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowDownloadRegular } from '@fluentui/react-icons';
import { api, saveFile } from '../../data/api.ts';
import { forPeople } from '../feedback/for-people.ts';
import type { List } from '../../data/queries.ts';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage } from '../../texts/use-texts.ts';
import { useToast } from '../feedback/toasts.tsx';

const useStyles = makeStyles({
  foot: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    alignItems: 'center',
    color: tokens.colorNeutralForeground2,
  },
  push: { marginInlineStart: 'auto' },
});

/** How many rows there are, more of them, since when they are so, and all of them as a file. */
export function ListFoot<T>({ list, csv, label }: { list: List<T>; csv: boolean; label: string }): ReactNode {
  const t = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const count = list.rows.length;
  return (
    <div className={styles.foot}>
      <Text role="status">{t(list.hasMore ? 'rowCountMore' : 'rowCount', { count })}</Text>
      {list.hasMore && (
        <Button size="small" onClick={list.loadMore} disabledFocusable={list.isFetching}>
          {t('more')}
        </Button>
      )}
      {list.isFetching && <Spinner size="extra-tiny" aria-label={t('loading')} />}
      <span className={styles.push}>
        {list.asOf && <Text>{t('asOf', { time: format.time(list.asOf) })}</Text>}
      </span>
      {csv && <CsvButton list={list} label={label} />}
    </div>
  );
}

function CsvButton<T>({ list, label }: { list: List<T>; label: string }): ReactNode {
  const t = useCommon();
  const tell = useToast();
  const [isBusy, setBusy] = useState(false);
  const download = async (): Promise<void> => {
    setBusy(true);
    try {
      const { path, input } = list.question;
      const { limit: _, cursor: __, ...query } = (input['query'] ?? {}) as Record<string, unknown>;
      const text = await api.csv(path as never, { ...input, query } as never);
      const file = `${label.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')}-${new Date().toISOString().slice(0, 10)}.csv`;
      saveFile(file, text);
      tell({ title: t('csvDone', { file }) });
    } catch (error) {
      tell({ title: forPeople((error as Error).message), intent: 'error' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      size="small"
      icon={isBusy ? <Spinner size="extra-tiny" /> : <ArrowDownloadRegular />}
      disabledFocusable={isBusy}
      onClick={() => void download()}
    >
      {t('csv')}
    </Button>
  );
}

/** Above rows that could not be brought up to date. */
export function StaleMark(props: { asOf: Date | undefined; error: Error; onRetry: () => void }): ReactNode {
  const { asOf, error, onRetry } = props;
  const t = useCommon();
  const format = formatOf(useLanguage());
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{t('staleTitle', { time: format.time(asOf) })}</MessageBarTitle>
        {t('staleDetail', { reason: forPeople(error.message) })}
      </MessageBarBody>
      <MessageBarActions>
        <Button onClick={onRetry}>{t('tryAgain')}</Button>
      </MessageBarActions>
    </MessageBar>
  );
}
