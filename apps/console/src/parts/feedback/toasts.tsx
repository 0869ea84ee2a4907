import { createContext, useCallback, useContext, type ReactNode } from 'react';
import {
  Toast,
  ToastBody,
  Toaster,
  ToastFooter,
  ToastTitle,
  useId,
  useToastController,
  type ToastIntent,
} from '@fluentui/react-components';

interface Notice {
  title: string;
  detail?: string | undefined;
  /** Where to go on: a `PageLink`. */
  next?: ReactNode;
  intent?: ToastIntent;
}

type Tell = (notice: Notice) => void;
const Toasts = createContext<Tell | undefined>(undefined);

export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  const toasterId = useId('toasts');
  const { dispatchToast } = useToastController(toasterId);
  const tell = useCallback<Tell>(
    ({ title, detail, next, intent = 'success' }) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{title}</ToastTitle>
          {detail && <ToastBody>{detail}</ToastBody>}
          {next && <ToastFooter>{next}</ToastFooter>}
        </Toast>,
        // What leads on stays long enough to be reached.
        { intent, timeout: next ? 20_000 : 7_000, pauseOnHover: true, pauseOnWindowBlur: true },
      ),
    [dispatchToast],
  );
  return (
    <Toasts.Provider value={tell}>
      {children}
      <Toaster toasterId={toasterId} position="bottom-end" />
    </Toasts.Provider>
  );
}

/** `const tell = useToast()`, then `tell({ title: t('linked') })`: something happened that is not seen where one looks. */
export function useToast(): Tell {
  const tell = useContext(Toasts);
  if (!tell) throw new Error('There is no ToastProvider around this.');
  return tell;
}
