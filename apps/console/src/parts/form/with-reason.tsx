import { useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { Tooltip, type ButtonProps } from '@fluentui/react-components';

/** Why a button is disabled: seen by who points at it or comes to it by keyboard, and read by screen readers. */
export default function WithReason({
  reason,
  children,
}: {
  reason: string;
  children: ReactElement<ButtonProps & { id: string }>;
}): ReactNode {
  const { id } = children.props;
  // It takes the place of the same button without a hint, which may have the focus when the hint has been loaded.
  const [hadFocus] = useState(() => document.activeElement?.id === id);
  useEffect(() => {
    if (hadFocus) document.getElementById(id)?.focus();
  }, [hadFocus, id]);
  return (
    <Tooltip content={reason} relationship="description" withArrow>
      {children}
    </Tooltip>
  );
}
