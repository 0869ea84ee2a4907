import { useEffect, useRef, type ReactNode } from 'react';
import {
  Link,
  Toast,
  ToastBody,
  Toaster,
  ToastFooter,
  ToastTitle,
  ToastTrigger,
  useId,
  useToastController,
} from '@fluentui/react-components';
import { forPeople } from './for-people.ts';
import { useCommon } from '../../texts/use-texts.ts';
import type { Notice } from './toasts.tsx';

interface ToastListProps {
  notices: readonly Notice[];
  onShown: (notices: readonly Notice[]) => void;
}

/** Shows notices for a while, at the end of the window. */
export default function ToastList({ notices, onShown }: ToastListProps): ReactNode {
  const toasterId = useId('toasts');
  const { dispatchToast } = useToastController(toasterId);
  const close = useCommon()('close');
  const sent = useRef(new Set<Notice>());
  useEffect(() => {
    const fresh = notices.filter((notice) => !sent.current.has(notice));
    if (fresh.length === 0) return;
    for (const notice of fresh) {
      sent.current.add(notice);
      const { title, detail, next, intent = 'success' } = notice;
      dispatchToast(
        <Toast>
          <ToastTitle
            action={
              <ToastTrigger>
                <Link as="button">{close}</Link>
              </ToastTrigger>
            }
          >
            {title}
          </ToastTitle>
          {detail && <ToastBody>{forPeople(detail)}</ToastBody>}
          {next && <ToastFooter>{next}</ToastFooter>}
        </Toast>,
        // What leads on stays longer. Whoever misses it finds the way on the page as well: a toast is never the only one.
        { intent, timeout: next ? 20_000 : 7_000, pauseOnHover: true, pauseOnWindowBlur: true },
      );
    }
    onShown(fresh);
  }, [notices, onShown, dispatchToast, close]);
  return <Toaster toasterId={toasterId} position="bottom-end" />;
}
