import type { ReactNode } from 'react';
import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
} from '@fluentui/react-components';
import { useCommon } from '../../texts/use-texts.ts';
import { differences } from './differences.ts';

interface TwoVersionsProps {
  labels: Readonly<Record<string, string>>;
  theirs: Readonly<Record<string, unknown>>;
  mine: Readonly<Record<string, unknown>>;
  onTakeTheirs: () => void;
  onKeepMine: () => void;
}

/** Somebody saved first: what is saved now beside what was typed here, and who of them wins. */
export function TwoVersions({ labels, theirs, mine, onTakeTheirs, onKeepMine }: TwoVersionsProps): ReactNode {
  const t = useCommon();
  return (
    <>
      <MessageBar intent="warning" layout="multiline" role="alert">
        <MessageBarBody>
          <MessageBarTitle>{t('changedMeanwhile')}</MessageBarTitle>
          {t('changedMeanwhileDetail')}
        </MessageBarBody>
        <MessageBarActions>
          <Button onClick={onTakeTheirs}>{t('takeTheirs')}</Button>
          <Button onClick={onKeepMine}>{t('keepMine')}</Button>
        </MessageBarActions>
      </MessageBar>
      <Table aria-label={t('changedMeanwhile')} size="small">
        <TableHeader>
          <TableRow>
            <TableHeaderCell>{t('field')}</TableHeaderCell>
            <TableHeaderCell>{t('theirs')}</TableHeaderCell>
            <TableHeaderCell>{t('mine')}</TableHeaderCell>
          </TableRow>
        </TableHeader>
        <TableBody>
          {differences(labels, theirs, mine).map(({ name, label, theirs: saved, mine: typed }) => (
            <TableRow key={name}>
              <TableCell>{label}</TableCell>
              <TableCell>{saved || t('dash')}</TableCell>
              <TableCell>{typed || t('dash')}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </>
  );
}
