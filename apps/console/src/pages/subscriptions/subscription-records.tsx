import { useMemo, type ReactNode } from 'react';
import { makeStyles, Text, tokens } from '@fluentui/react-components';
import type { Operation, Row } from '@isthmus/sdk';
import { useCommand, useList } from '../../data/queries.ts';
import { Confirm } from '../../parts/feedback/confirm.tsx';
import { forPeople, saidOf } from '../../parts/feedback/for-people.ts';
import { useToast } from '../../parts/feedback/toasts.tsx';
import type { RowAction } from '../../parts/form/row-menu.tsx';
import { DataList, Empty, type Column } from '../../parts/list/list.tsx';
import { useOrderWords } from '../../parts/order/order-words.tsx';
import { StatusBadge, type Tone } from '../../parts/show/badges.tsx';
import { PageLink } from '../../parts/show/links.tsx';
import { formatOf } from '../../texts/format.ts';
import { orderWords } from '../../texts/orders.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import type { ScheduledChange } from './subscription-values.ts';
import { subscriptions } from '../../texts/subscriptions.ts';

type Change = Row<Operation<'get', '/v1/subscriptions/{id}/history'>>;

const useStyles = makeStyles({
  cell: { display: 'grid', gap: tokens.spacingVerticalXXS, justifyItems: 'start' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

const tones: Readonly<Record<ScheduledChange['status'], Tone>> = {
  proposed: 'warning',
  planned: 'busy',
  ordered: 'busy',
  done: 'good',
  failed: 'bad',
  cancelled: 'neutral',
  wiped: 'warning',
};
const changeKey = ({ id }: ScheduledChange): string => id;
const height = '24rem';

interface ScheduledChangesProps {
  subscriptionId: string;
  /** The subscription: then nothing can be scheduled. */
  hasEnded: boolean;
  /** The one about whose end is asked. */
  ending: string | undefined;
  onEdit: (id: string) => void;
  onEnd: (id: string) => void;
  onClose: () => void;
}

/** What is planned for a moment or the renewal: confirmed, edited and ended here. */
export function ScheduledChanges(props: ScheduledChangesProps): ReactNode {
  const { subscriptionId, hasEnded, ending, onEdit, onEnd, onClose } = props;
  const t = useTexts(subscriptions);
  const word = useWord(subscriptions);
  const words = useOrderWords();
  const say = useTexts(orderWords);
  const styles = useStyles();
  const tell = useToast();
  const language = useLanguage();
  const list = useList('/v1/scheduled-changes', { query: { subscriptionId } });
  const changes = { changes: ['/v1/scheduled-changes', '/v1/subscriptions', '/v1/renewals', '/v1/orders'] };
  const confirm = useCommand('post', '/v1/scheduled-changes/{id}/confirm', changes);
  const end = useCommand('delete', '/v1/scheduled-changes/{id}', changes);
  const nameOf = (change: ScheduledChange): string => words.deed(change);
  const columns = useMemo<Column<ScheduledChange>[]>(() => {
    const format = formatOf(language);
    return [
      { id: 'what', header: t('change'), cell: (change) => words.deed(change) },
      {
        id: 'at',
        header: t('when'),
        cell: ({ at }) => (at === 'renewal' ? t('atRenewal') : `${format.moment(at)} (${format.ago(at)})`),
      },
      {
        id: 'status',
        header: t('statusOfChange'),
        cell: ({ status, reason, foreseen, meaning, orderId }) => (
          <span className={styles.cell}>
            <StatusBadge tone={tones[status]}>{word('change', status)}</StatusBadge>
            {foreseen && <StatusBadge tone="warning">{t('foreseen')}</StatusBadge>}
            <Text size={200}>
              {[saidOf(reason), saidOf(foreseen), forPeople(meaning)].filter(Boolean).join(' ')}
            </Text>
            {orderId && (
              <PageLink to="/orders/$id" params={{ id: orderId }}>
                {t('itsOrder')}
              </PageLink>
            )}
          </span>
        ),
      },
      { id: 'who', header: t('by'), cell: ({ requestedBy }) => requestedBy },
    ];
  }, [t, word, words, styles, language]);
  const actionsFor = (change: ScheduledChange): RowAction[] => {
    const { id, status } = change;
    const isOpen = status === 'proposed' || status === 'planned';
    return [
      {
        label: t('confirmChange'),
        needs: 'POST /v1/scheduled-changes/{id}/confirm',
        reason: status === 'proposed' ? undefined : t('onlyProposed'),
        onClick: () =>
          confirm.mutate(
            { path: { id } },
            {
              onSuccess: () => tell({ title: t('scheduled') }),
              onError: (error) => tell({ title: nameOf(change), detail: error.message, intent: 'error' }),
            },
          ),
      },
      {
        label: t('editChange'),
        needs: 'PATCH /v1/scheduled-changes/{id}',
        reason: isOpen ? undefined : t('changeIsOver'),
        onClick: () => onEdit(id),
      },
      {
        label: t('endChange'),
        needs: 'DELETE /v1/scheduled-changes/{id}',
        reason: isOpen || status === 'ordered' ? undefined : t('changeIsOver'),
        onClick: () => onEnd(id),
      },
    ];
  };
  const chosen = list.rows.find(({ id }) => id === ending);
  return (
    <>
      <DataList
        label={t('scheduledChanges')}
        list={list}
        columns={columns}
        rowKey={changeKey}
        rowName={nameOf}
        actions={actionsFor}
        height={height}
        empty={<Empty title={t('noChanges')} {...(!hasEnded && { detail: t('noChangesDetail') })} />}
      />
      <Confirm
        open={chosen !== undefined}
        title={t('endChangeTitle', { what: chosen ? nameOf(chosen) : '' })}
        deed={t('endChangeDeed')}
        keep={say('keepIt')}
        needs="DELETE /v1/scheduled-changes/{id}"
        isBusy={end.isPending}
        error={end.error}
        onConfirm={() =>
          end.mutate(
            { path: { id: ending ?? '' } },
            {
              onSuccess: () => {
                onClose();
                tell({ title: t('changeEnded') });
              },
            },
          )
        }
        onClose={onClose}
      >
        <Text>{t(chosen?.status === 'ordered' ? 'endOrdered' : 'endPlanned')}</Text>
      </Confirm>
    </>
  );
}

const historyKey = ({ at, correlationId }: Change): string => `${at} ${correlationId}`;
const historyName = ({ at }: Change): string => at;

/** Every change of what is agreed, newest first, with where it came from. */
export function HistoryList({ subscriptionId }: { subscriptionId: string }): ReactNode {
  const t = useTexts(subscriptions);
  const common = useCommon();
  const word = useWord(subscriptions);
  const styles = useStyles();
  const language = useLanguage();
  const list = useList('/v1/subscriptions/{id}/history', { path: { id: subscriptionId } });
  const columns = useMemo<Column<Change>[]>(() => {
    const format = formatOf(language);
    const valueOf = (fact: string, value: unknown): string => {
      if (fact === 'status' || fact === 'appeared')
        return value ? word('status', String(value)) : common('dash');
      if (typeof value === 'boolean') return common(value ? 'yes' : 'no');
      if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) return format.day(value);
      return shown(value, common('dash'));
    };
    return [
      { id: 'at', header: t('at'), width: '11rem', cell: ({ at }) => format.moment(at) },
      {
        id: 'source',
        header: t('from'),
        cell: ({ source, by, orderId }) => (
          <span className={styles.cell}>
            <span>{word('source', source)}</span>
            <Text size={200} className={styles.quiet}>
              {word('by', by)}
            </Text>
            {orderId && (
              <PageLink to="/orders/$id" params={{ id: orderId }}>
                {t('itsOrder')}
              </PageLink>
            )}
          </span>
        ),
      },
      {
        id: 'changes',
        header: t('changed'),
        cell: ({ changes }) => (
          <span className={styles.cell}>
            {changes.map(({ fact, from, to, note }) => (
              <span key={fact}>
                {t(fact === 'appeared' ? 'appeared' : 'fromTo', {
                  fact: word('fact', fact),
                  from: valueOf(fact, from),
                  to: valueOf(fact, to),
                })}
                {note && ` · ${note}`}
              </span>
            ))}
          </span>
        ),
      },
    ];
  }, [t, common, word, styles, language]);
  return (
    <DataList
      label={t('history')}
      list={list}
      columns={columns}
      rowKey={historyKey}
      rowName={historyName}
      height={height}
      empty={<Empty title={t('noHistory')} detail={t('noHistoryDetail')} />}
    />
  );
}

function shown(value: unknown, nothing: string): string {
  if (value === null || value === undefined || value === '') return nothing;
  if (Array.isArray(value)) return value.map((one) => shown(one, nothing)).join(', ');
  if (typeof value !== 'object') return String(value as string | number | boolean);
  const { name, mpn, quantity, seats, addedAt } = value as Record<string, unknown>;
  const parts = [quantity ?? seats, name ?? mpn ?? addedAt].filter((part) => part !== undefined);
  return parts.length > 0 ? parts.join(' × ') : JSON.stringify(value);
}
