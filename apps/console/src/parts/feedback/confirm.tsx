import { lazy, Suspense, type ReactNode } from 'react';
import type { ConfirmProps } from './confirm-dialog.tsx';

const ConfirmDialog = lazy(() => import('./confirm-dialog.tsx'));

/** Asks before something that cannot be taken back. Stays open with the reason when it fails. */
export function Confirm(props: ConfirmProps): ReactNode {
  return <Suspense fallback={null}>{props.open && <ConfirmDialog {...props} />}</Suspense>;
}
