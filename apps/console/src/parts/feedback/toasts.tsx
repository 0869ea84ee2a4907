import { createContext, lazy, Suspense, useCallback, useContext, useState, type ReactNode } from 'react';

export interface Notice {
  title: string;
  detail?: string | undefined;
  /** Where to go on: a `PageLink`. */
  next?: ReactNode;
  intent?: 'success' | 'info' | 'warning' | 'error';
}

const Toasts = createContext<((notice: Notice) => void) | undefined>(undefined);
const ToastList = lazy(() => import('./toast-list.tsx'));

/** Around everything. What draws toasts is loaded with the first of them. */
export function ToastProvider({ children }: { children: ReactNode }): ReactNode {
  const [waiting, setWaiting] = useState<readonly Notice[]>([]);
  const [isUsed, setUsed] = useState(false);
  const tell = useCallback((notice: Notice) => {
    setUsed(true);
    setWaiting((before) => [...before, notice]);
  }, []);
  const shown = useCallback(
    (some: readonly Notice[]) => setWaiting((before) => before.filter((one) => !some.includes(one))),
    [],
  );
  return (
    <Toasts.Provider value={tell}>
      {children}
      <Suspense fallback={null}>{isUsed && <ToastList notices={waiting} onShown={shown} />}</Suspense>
    </Toasts.Provider>
  );
}

/** `const tell = useToast()`, then `tell({ title: t('linked') })`: something happened that is not seen where one looks. */
export function useToast(): (notice: Notice) => void {
  const tell = useContext(Toasts);
  if (!tell) throw new Error('There is no ToastProvider around this.');
  return tell;
}
