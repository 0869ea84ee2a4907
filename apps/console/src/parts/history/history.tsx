import { useMemo, type ReactNode } from 'react';
import { makeStyles, Text, Title3, tokens } from '@fluentui/react-components';
import type { Operation, Row } from '@isthmus/sdk';
import { useList } from '../../data/queries.ts';
import { useReason } from '../../data/reason.ts';
import { formatOf } from '../../texts/format.ts';
import { history as texts } from '../../texts/history.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import { DataList, Empty, type Column } from '../list/list.tsx';
import { changesIn, differencesIn, eventName, type Change } from '../../data/changes.ts';
import { useRecordWords } from './record-words.ts';

type EventRow = Row<Operation<'get', '/v1/events'>>;
type Entry = Row<Operation<'get', '/v1/audit'>>;

const eventKey = ({ id }: EventRow): string => id;
const eventRowName = ({ type, time }: EventRow): string => `${eventName(type)} ${time}`;
const entryKey = ({ service, sequence }: Entry): string => `${service} ${sequence}`;
const entryName = ({ action, time }: Entry): string => `${action} ${time}`;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface HistoryProps {
  /** As the audit log calls it: `provider-account`. */
  thingType: string;
  thingId: string;
}

/** What happened to a thing, for everybody; and who changed what, before and after, for those who may read the audit log. */
export default function History({ thingType, thingId }: HistoryProps): ReactNode {
  const t = useTexts(texts);
  const why = useReason('GET /v1/audit');
  return (
    <>
      <Title3 as="h2">{t('happened')}</Title3>
      <Happened thingId={thingId} />
      <Title3 as="h2">{t('done')}</Title3>
      {why ? <Text>{why}</Text> : <Done thingType={thingType} thingId={thingId} />}
    </>
  );
}

function Happened({ thingId }: { thingId: string }): ReactNode {
  const t = useTexts(texts);
  const word = useWord(texts);
  const language = useLanguage();
  const list = useList('/v1/events', { query: { subject: thingId, limit: 50 } });
  const columns = useMemo<Column<EventRow>[]>(() => {
    const format = formatOf(language);
    return [
      { id: 'at', header: t('at'), width: '11rem', cell: ({ time }) => format.moment(time) },
      { id: 'what', header: t('what'), width: '14rem', cell: ({ type }) => word('event', eventName(type)) },
      {
        id: 'detail',
        header: t('detail'),
        cell: ({ data }) => (
          <Changes
            changes={changesIn(data)}
            rest={typeof data['by'] === 'string' ? t('by', { who: data['by'] }) : undefined}
          />
        ),
      },
    ];
  }, [t, word, language]);
  return (
    <DataList
      label={t('happened')}
      list={list}
      columns={columns}
      rowKey={eventKey}
      rowName={eventRowName}
      height="20rem"
      csv={false}
      empty={<Empty title={t('happenedNone')} detail={t('happenedNoneDetail')} />}
    />
  );
}

function Done({ thingType, thingId }: HistoryProps): ReactNode {
  const t = useTexts(texts);
  const words = useRecordWords();
  const word = useWord(texts);
  const styles = useStyles();
  const language = useLanguage();
  const list = useList('/v1/audit', { query: { thingType, thingId, limit: 50 } });
  const columns = useMemo<Column<Entry>[]>(() => {
    const format = formatOf(language);
    return [
      { id: 'at', header: t('at'), width: '11rem', cell: ({ time }) => format.moment(time) },
      {
        id: 'who',
        header: t('who'),
        width: '14rem',
        cell: ({ subject, channel }) => (
          <span className={styles.cell}>
            <span>{words.by(subject)}</span>
            <Text size={200} className={styles.quiet}>
              {word('channel', channel)}
            </Text>
          </span>
        ),
      },
      { id: 'what', header: t('what'), width: '12rem', cell: ({ action }) => words.action(action) },
      {
        id: 'changed',
        header: t('changed'),
        cell: ({ before, after, reason }) => (
          <Changes
            changes={differencesIn(before, after)}
            rest={reason ? t('reason', { reason }) : undefined}
          />
        ),
      },
    ];
  }, [t, word, words, styles, language]);
  return (
    <DataList
      label={t('done')}
      list={list}
      columns={columns}
      rowKey={entryKey}
      rowName={entryName}
      height="20rem"
      csv={false}
      empty={<Empty title={t('doneNone')} detail={t('doneNoneDetail')} />}
    />
  );
}

function Changes({ changes, rest }: { changes: readonly Change[]; rest: string | undefined }): ReactNode {
  const t = useTexts(texts);
  const common = useCommon();
  const words = useRecordWords();
  const styles = useStyles();
  return (
    <span className={styles.cell}>
      {changes.map(({ field, from, to }) => (
        <span key={field}>
          {t('fromTo', { field: words.field(field), from: words.value(from), to: words.value(to) })}
        </span>
      ))}
      {rest && <span>{rest}</span>}
      {changes.length === 0 && !rest && common('dash')}
    </span>
  );
}
