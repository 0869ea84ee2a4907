import { lazy, Suspense, useId, type ReactElement, type ReactNode } from 'react';
import { Button, Spinner, useRestoreFocusTarget, type ButtonProps } from '@fluentui/react-components';
import type { OperationName } from '../../data/roles.ts';
import { useReason } from '../../data/reason.ts';

const ReasonHint = lazy(() => import('./reason-hint.tsx'));

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
  /** Its whole name, where many of the same words are on a page. It begins with the words that are shown. */
  label?: string;
  onClick?: () => void;
  children: ReactNode;
}

/** A button that does something. Focus comes back to it when what it opened is closed. */
export function ActionButton(props: ActionButtonProps): ReactNode {
  const {
    needs,
    reason,
    isBusy = false,
    disabled = false,
    type = 'button',
    icon,
    label,
    children,
    ...rest
  } = props;
  const forbidden = useReason(needs);
  const why = forbidden ?? reason;
  const restoreFocus = useRestoreFocusTarget();
  const id = useId();
  const hintId = useId();
  return (
    <>
      <Button
        {...restoreFocus}
        {...rest}
        id={id}
        type={type}
        icon={isBusy ? <Spinner size="tiny" /> : icon}
        // Can be reached by keyboard, so that its reason can be read.
        disabledFocusable={why !== undefined || isBusy || disabled}
        aria-busy={isBusy || undefined}
        aria-describedby={why === undefined ? undefined : hintId}
        {...(label !== undefined && { 'aria-label': label })}
      >
        {children}
      </Button>
      {why !== undefined && (
        <Suspense fallback={null}>
          <ReasonHint id={hintId} of={id}>
            {why}
          </ReasonHint>
        </Suspense>
      )}
    </>
  );
}
