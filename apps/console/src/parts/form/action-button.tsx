import type { ReactElement, ReactNode } from 'react';
import {
  Button,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Spinner,
  Tooltip,
  useRestoreFocusTarget,
  type ButtonProps,
} from '@fluentui/react-components';
import { SettingsRegular } from '@fluentui/react-icons';
import type { OperationName } from '../../data/roles.ts';
import { useReason } from '../../data/session.tsx';
import { useCommon } from '../../texts/use-texts.ts';

interface ActionButtonProps {
  /** The operation of the API that it calls: whoever may not call it sees the button disabled, with the reason. */
  needs?: OperationName | undefined;
  /** Why it cannot be done as things stand; disables it, too. */
  reason?: string | undefined;
  isBusy?: boolean;
  disabled?: boolean;
  appearance?: ButtonProps['appearance'];
  icon?: ReactElement;
  type?: 'button' | 'submit';
  onClick?: () => void;
  children: ReactNode;
}

/** A button that does something. Focus comes back to it when what it opened is closed. */
export function ActionButton(props: ActionButtonProps): ReactNode {
  const { needs, reason, isBusy = false, disabled = false, type = 'button', icon, children, ...rest } = props;
  const forbidden = useReason(needs);
  const why = forbidden ?? reason;
  const restoreFocus = useRestoreFocusTarget();
  const button = (
    <Button
      {...restoreFocus}
      {...rest}
      type={type}
      icon={isBusy ? <Spinner size="tiny" /> : icon}
      // Can be reached by keyboard, so that its reason can be read.
      disabledFocusable={why !== undefined || isBusy || disabled}
      aria-busy={isBusy || undefined}
    >
      {children}
    </Button>
  );
  return why === undefined ? (
    button
  ) : (
    <Tooltip content={why} relationship="description" withArrow>
      {button}
    </Tooltip>
  );
}

export interface RowAction {
  label: string;
  needs?: OperationName | undefined;
  /** Why it cannot be done to this row now. */
  reason?: string | undefined;
  onClick: () => void;
}

/** The gear menu at the end of a row. */
export function RowMenu({ label, actions }: { label: string; actions: readonly RowAction[] }): ReactNode {
  const t = useCommon();
  const restoreFocus = useRestoreFocusTarget();
  return (
    <Menu positioning="below-end">
      <MenuTrigger disableButtonEnhancement>
        <Button
          {...restoreFocus}
          appearance="subtle"
          icon={<SettingsRegular />}
          aria-label={t('actionsFor', { row: label })}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {actions.map((action) => (
            <RowMenuItem key={action.label} {...action} />
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function RowMenuItem({ label, needs, reason, onClick }: RowAction): ReactNode {
  const forbidden = useReason(needs);
  const why = forbidden ?? reason;
  return (
    <MenuItem disabled={why !== undefined} {...(why !== undefined && { subText: why })} onClick={onClick}>
      {label}
    </MenuItem>
  );
}
