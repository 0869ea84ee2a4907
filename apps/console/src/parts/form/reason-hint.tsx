import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Tooltip } from '@fluentui/react-components';

/** As long as Fluent's own hints wait. */
const delayMs = 250;

interface ReasonHintProps {
  /** Of the hint itself; the button is described by it. */
  id: string;
  /** Id of the button. */
  of: string;
  children: string;
}

/**
 * Why a button is disabled: seen by who points at it or comes to it by keyboard, and read by screen readers. It stands beside the
 * button and not around it: the button stays the same one when the hint comes or goes, and so keeps the focus.
 */
export default function ReasonHint({ id, of, children }: ReasonHintProps): ReactNode {
  const [button, setButton] = useState<HTMLElement | null>(null);
  const [isVisible, setVisible] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const later = (visible: boolean): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setVisible(visible), delayMs);
  };
  useEffect(() => {
    const element = document.getElementById(of);
    if (!element) return;
    setButton(element);
    const show = (): void => later(true);
    const hide = (): void => later(false);
    const listened = [
      ['pointerenter', show],
      ['focus', show],
      ['pointerleave', hide],
      ['blur', hide],
    ] as const;
    for (const [event, listener] of listened) element.addEventListener(event, listener);
    // It may have been reached before the hint was loaded.
    if (element.matches(':hover, :focus')) show();
    return () => {
      clearTimeout(timer.current);
      for (const [event, listener] of listened) element.removeEventListener(event, listener);
    };
  }, [of]);
  return (
    <Tooltip
      // Who points at it can read it to its end.
      content={{ id, children, onPointerEnter: () => later(true), onPointerLeave: () => later(false) }}
      relationship="description"
      withArrow
      visible={isVisible}
      onVisibleChange={(_, { visible }) => setVisible(visible)}
      positioning={{ target: button }}
    />
  );
}
