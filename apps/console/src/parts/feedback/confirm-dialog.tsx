import type { ReactNode } from 'react';
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
} from '@fluentui/react-components';
import type { OperationName } from '../../data/roles.ts';
import { useCommon } from '../../texts/use-texts.ts';
import { ActionButton } from '../form/action-button.tsx';
import { ProblemMessage } from './problem.tsx';

export interface ConfirmProps {
  open: boolean;
  title: string;
  /** What happens, to how many; in words before anything is done. */
  children: ReactNode;
  /** What the button says: the deed, never "OK". */
  deed: string;
  /** What the button says that leaves it as it is; Cancel by default, which would be unclear where something is cancelled. */
  keep?: string;
  needs?: OperationName | undefined;
  isBusy?: boolean;
  isDisabled?: boolean;
  error?: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}

/** See `Confirm`, which loads it when it is needed. */
export default function ConfirmDialog(props: ConfirmProps): ReactNode {
  const {
    open,
    title,
    children,
    deed,
    keep,
    needs,
    isBusy = false,
    isDisabled = false,
    error,
    onConfirm,
    onClose,
  } = props;
  const t = useCommon();
  return (
    <Dialog open={open} modalType="alert" onOpenChange={(_, { open: isOpen }) => !isOpen && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent>
            {children}
            <ProblemMessage error={error} />
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>{keep ?? t('cancel')}</Button>
            <ActionButton
              appearance="primary"
              needs={needs}
              isBusy={isBusy}
              disabled={isDisabled}
              onClick={onConfirm}
            >
              {deed}
            </ActionButton>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
