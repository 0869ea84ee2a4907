import { lazy, type ReactNode } from 'react';
import { SettingsRegular } from '@fluentui/react-icons';
import type { OperationName } from '../../data/roles.ts';
import { useCommon } from '../../texts/use-texts.ts';
import { LazyMenu } from './lazy-menu.tsx';

export interface RowAction {
  label: string;
  needs?: OperationName | undefined;
  /** Why it cannot be done to this row now. */
  reason?: string | undefined;
  onClick: () => void;
}

const RowActions = lazy(() => import('./row-actions.tsx'));

/** The gear menu at the end of a row. */
export function RowMenu({ label, actions }: { label: string; actions: readonly RowAction[] }): ReactNode {
  const t = useCommon();
  return (
    <LazyMenu label={t('actionsFor', { row: label })} icon={<SettingsRegular />}>
      <RowActions actions={actions} />
    </LazyMenu>
  );
}
