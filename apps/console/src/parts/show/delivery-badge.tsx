import type { ReactNode } from 'react';
import { useWord } from '../../texts/use-texts.ts';
import { webhookWords } from '../../texts/webhooks.ts';
import { StatusBadge } from './badges.tsx';

const tones = { pending: 'busy', delivered: 'good', undelivered: 'bad' } as const;

/** How far the delivery of an event to an endpoint is. */
export function DeliveryBadge({ status }: { status: keyof typeof tones }): ReactNode {
  const word = useWord(webhookWords);
  return <StatusBadge tone={tones[status]}>{word('delivery', status)}</StatusBadge>;
}
