import type { ReactNode } from 'react';
import {
  DrawerBody,
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  tokens,
} from '@fluentui/react-components';
import { Copyable } from '../../parts/feedback/problem.tsx';
import { SideDrawer } from '../../parts/form/form-drawer.tsx';
import { useRecordWords } from '../../parts/history/record-words.ts';
import { Facts } from '../../parts/show/page.tsx';
import { formatOf } from '../../texts/format.ts';
import { useCommon, useLanguage, useTexts, useWord } from '../../texts/use-texts.ts';
import type { Entry } from './audit-filters.ts';
import { audit } from './texts.ts';

const useStyles = makeStyles({
  body: { display: 'grid', gap: tokens.spacingVerticalL, alignContent: 'start', overflowWrap: 'anywhere' },
  cell: { overflowWrap: 'anywhere', whiteSpace: 'pre-wrap', verticalAlign: 'top' },
});

/** One entry: what was before and after, why, and how it is found again elsewhere. */
export default function EntryDrawer({ entry, onClose }: { entry: Entry; onClose: () => void }): ReactNode {
  const t = useTexts(audit);
  const word = useWord(audit);
  const common = useCommon();
  const styles = useStyles();
  const format = formatOf(useLanguage());
  const words = useRecordWords();
  const { before, after } = entry;
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return (
    <SideDrawer title={words.action(entry.action)} size="medium" onClose={onClose}>
      <DrawerBody>
        <div className={styles.body}>
          <Facts
            facts={[
              { term: t('at'), value: `${format.day(entry.time)}, ${format.time(entry.time)}` },
              { term: t('who'), value: words.by(entry.subject) },
              { term: t('through'), value: word('channel', entry.channel) },
              { term: t('role'), value: entry.role ?? common('dash') },
              {
                term: t('thing'),
                value: (
                  <>
                    {words.thing(entry.thingType)}{' '}
                    <Copyable label={t('thingFilter')} value={entry.thingId} isLabelled={false} />
                  </>
                ),
                isWide: true,
              },
              { term: t('reason'), value: entry.reason ?? common('dash'), isWide: true },
            ]}
          />
          {fields.length === 0 ? (
            <Text>{t('noFields')}</Text>
          ) : (
            <Table aria-label={t('changed')}>
              <TableHeader>
                <TableRow>
                  <TableHeaderCell>{common('field')}</TableHeaderCell>
                  <TableHeaderCell>{t('before')}</TableHeaderCell>
                  <TableHeaderCell>{t('after')}</TableHeaderCell>
                </TableRow>
              </TableHeader>
              <TableBody>
                {fields.map((field) => (
                  <TableRow key={field}>
                    <TableCell className={styles.cell}>{words.field(field)}</TableCell>
                    <TableCell className={styles.cell}>{words.value(before?.[field])}</TableCell>
                    <TableCell className={styles.cell}>{words.value(after?.[field])}</TableCell>
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          )}
          <Copyable label={common('correlationId')} value={entry.correlationId} />
          <Text size={200}>
            {t('chain', { number: entry.sequence, service: words.service(entry.service), hash: entry.hash })}
          </Text>
        </div>
      </DrawerBody>
    </SideDrawer>
  );
}
