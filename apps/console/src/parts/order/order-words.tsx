import { useMemo, type ReactNode } from 'react';
import type { Order } from '@isthmus/sdk';
import { formatOf, type Amount } from '../../texts/format.ts';
import { orderWords } from '../../texts/orders.ts';
import {
  useCommon,
  useLanguage,
  useTexts,
  useWord,
  type NameIn,
  type Translate,
} from '../../texts/use-texts.ts';
import { StatusBadge, type Tone } from '../show/badges.tsx';

export type OrderStatus = Order['status'];

export const orderTones: Readonly<Record<OrderStatus, Tone>> = {
  planned: 'busy',
  'awaiting-approval': 'warning',
  sending: 'busy',
  unknown: 'warning',
  accepted: 'busy',
  scheduled: 'neutral',
  proving: 'busy',
  settled: 'good',
  refused: 'bad',
  withdrawn: 'neutral',
  'completed-not-effective': 'bad',
  'needs-attention': 'bad',
};

const resting: readonly OrderStatus[] = [
  'settled',
  'refused',
  'withdrawn',
  'completed-not-effective',
  'needs-attention',
];
const over: readonly OrderStatus[] = ['settled', 'refused', 'withdrawn'];
/** It has ended. */
export const isOver = ({ status }: { status: OrderStatus }): boolean => over.includes(status);

/** Nothing more happens to it by itself: it has ended, or needs somebody. */
export const isAtRest = ({ status }: { status: OrderStatus }): boolean => resting.includes(status);

export function OrderBadge({ status }: { status: OrderStatus }): ReactNode {
  const word = useWord(orderWords);
  return <StatusBadge tone={orderTones[status] ?? 'neutral'}>{word('status', status)}</StatusBadge>;
}

/** What of an order says what it is for. */
export interface Asked {
  kind: string;
  seats?: number | null | undefined;
  seatsBefore?: number | null | undefined;
  when?: 'now' | 'renewal' | null | undefined;
  autoRenew?: boolean | null | undefined;
}

/** What an order does, in words: `Seats 8 → 6`. */
export function deedOf(t: Translate<NameIn<typeof orderWords>>, asked: Asked): string {
  const { kind, seats, seatsBefore, when, autoRenew } = asked;
  if (kind === 'create') return t('buy', { seats: seats ?? 0 });
  if (kind === 'cancel') return when === 'renewal' ? t('atRenewal', { what: t('cancel') }) : t('cancel');
  if (kind === 'renewal-setting') return t(autoRenew ? 'renewOn' : 'renewOff');
  if (kind !== 'change-quantity') return kind;
  const what =
    seatsBefore == null ? t('seatsTo', { seats }) : t('seatsFromTo', { before: seatsBefore, seats });
  return when === 'renewal' ? t('atRenewal', { what }) : what;
}

const units = { D: 'days', M: 'months', Y: 'years' } as const;

interface Said {
  deed: (asked: Asked) => string;
  /** What it changes, where a label says of what: `8 → 6`. */
  change: (asked: Asked) => string;
  /** `P1Y` as `1 year`; anything else as it is. */
  period: (iso: string | null | undefined) => string;
  /** `USD 22.00 per month`. */
  per: (money: Amount | null | undefined, iso: string | null | undefined) => string;
}

/** Deeds, terms and prices in the words of the language. */
export function useOrderWords(): Said {
  const t = useTexts(orderWords);
  const common = useCommon();
  const language = useLanguage();
  return useMemo(() => {
    const partsOf = (iso: string | null | undefined) => {
      const [, count, unit] = /^P(\d+)([DMY])$/.exec(iso ?? '') ?? [];
      return unit ? { count: Number(count), unit: units[unit as keyof typeof units] } : undefined;
    };
    const period: Said['period'] = (iso) => {
      const known = partsOf(iso);
      return known ? t(known.unit, { count: known.count }) : (iso ?? common('dash'));
    };
    return {
      deed: (asked) => deedOf(t, asked),
      change: (asked) =>
        asked.kind === 'change-quantity' && asked.seatsBefore != null
          ? t('seatsFromTo', { before: asked.seatsBefore, seats: asked.seats })
          : deedOf(t, { ...asked, when: null }),
      period,
      per(money, iso) {
        const amount = formatOf(language).money(money);
        const known = partsOf(iso);
        return money && known ? t(`per-${known.unit}`, { money: amount, count: known.count }) : amount;
      },
    };
  }, [t, common, language]);
}
