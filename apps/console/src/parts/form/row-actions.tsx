import type { ReactNode } from 'react';
import { MenuItem, MenuList } from '@fluentui/react-components';
import { useReason } from '../../data/reason.ts';
import type { RowAction } from './row-menu.tsx';

/** The items of a gear menu. What may not be done is there, disabled, with the reason below. */
export default function RowActions({ actions }: { actions: readonly RowAction[] }): ReactNode {
  return (
    <MenuList>
      {actions.map((action) => (
        <Item key={action.label} {...action} />
      ))}
    </MenuList>
  );
}

function Item({ label, needs, reason, onClick }: RowAction): ReactNode {
  const forbidden = useReason(needs);
  const why = forbidden ?? reason;
  return (
    <MenuItem disabled={why !== undefined} {...(why !== undefined && { subText: why })} onClick={onClick}>
      {label}
    </MenuItem>
  );
}
