import { useEffect, type ReactNode } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';

/** Which rows are drawn, and how much room the others would take. */
export interface Window {
  from: number;
  to: number;
  above: number;
  below: number;
  measure?: (element: Element | null) => void;
}

interface VirtualWindowProps {
  count: number;
  /** What scrolls; null until it is there. */
  scroll: HTMLDivElement | null;
  keyOf: (index: number) => string;
  /** The row to scroll to; below zero: none. */
  target: number;
  /** The last rows are being drawn. */
  onEnd: () => void;
  children: (window: Window) => ReactNode;
}

const estimatedHeight = 45;
const beforeTheEnd = 20;

/** Of a long list only what is seen, and a little more. Loaded with the first list that is long. */
export default function VirtualWindow(props: VirtualWindowProps): ReactNode {
  const { count, scroll, keyOf, target, onEnd, children } = props;
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroll,
    estimateSize: () => estimatedHeight,
    getItemKey: keyOf,
    overscan: 10,
  });
  const drawn = virtualizer.getVirtualItems();
  const first = drawn[0];
  const last = drawn.at(-1);
  const isAtEnd = last !== undefined && last.index >= count - beforeTheEnd;

  useEffect(() => {
    if (isAtEnd) onEnd();
  }, [isAtEnd, count, onEnd]);
  useEffect(() => {
    if (target >= 0) virtualizer.scrollToIndex(target, { align: 'center' });
  }, [target, virtualizer]);

  return children({
    from: first?.index ?? 0,
    to: (last?.index ?? -1) + 1,
    above: first?.start ?? 0,
    below: virtualizer.getTotalSize() - (last?.end ?? 0),
    measure: virtualizer.measureElement,
  });
}
