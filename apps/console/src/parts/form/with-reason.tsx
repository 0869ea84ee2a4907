import type { ReactElement, ReactNode } from 'react';
import { Tooltip } from '@fluentui/react-components';

/** Why a button is disabled: seen by who points at it or comes to it by keyboard, and read by screen readers. */
export default function WithReason({
  reason,
  children,
}: {
  reason: string;
  children: ReactElement;
}): ReactNode {
  return (
    <Tooltip content={reason} relationship="description" withArrow>
      {children}
    </Tooltip>
  );
}
