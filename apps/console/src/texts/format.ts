import type { Language } from './catalog.ts';

export interface Amount {
  readonly amount: string;
  readonly currency: string;
}

export interface Format {
  number(value: number): string;
  percent(share: number): string;
  /** Exactly what the API says: the amount never becomes a float. */
  money(value: Amount | null | undefined): string;
  /** A day, such as a renewal date: the same day wherever somebody looks. */
  day(value: string | null | undefined): string;
  /** A moment, in the time zone of whoever looks. */
  moment(value: string | Date | null | undefined): string;
  /** Hours and minutes alone. */
  clock(value: string | Date | null | undefined): string;
  time(value: string | Date | null | undefined): string;
  /** `2 min ago`, `in 3 days`: by calendar days of whoever looks, and by hours within a day. */
  ago(value: string | Date | null | undefined, now?: Date): string;
  duration(seconds: number | null | undefined): string;
}

const dash = '–';
const dayMs = 86_400_000;
const steps = [
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

const locales: Record<Language, string> = { en: 'en-GB', de: 'de-DE' };
const made = new Map<Language, Format>();

/** Numbers, money and dates as the language writes them. */
export function formatOf(language: Language): Format {
  let format = made.get(language);
  if (!format) made.set(language, (format = makeFormat(locales[language] ?? locales.en)));
  return format;
}

/** Of its day in the time zone of whoever looks; days are as far apart as their numbers. */
const dayNumber = (at: Date): number => Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / dayMs;

function makeFormat(locale: string): Format {
  const numbers = new Intl.NumberFormat(locale);
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const times = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  const clocks = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  const monies = new Map<string, Intl.NumberFormat>();

  const moneyFormat = (currency: string): Intl.NumberFormat => {
    let format = monies.get(currency);
    if (!format) {
      const options = {
        style: 'currency',
        currency,
        currencyDisplay: 'code',
        maximumFractionDigits: 10,
      } as const;
      monies.set(currency, (format = new Intl.NumberFormat(locale, options)));
    }
    return format;
  };

  return {
    number: (value) => numbers.format(value),
    percent: (share) => percents.format(share),
    money: (value) => (value ? moneyFormat(value.currency).format(value.amount as `${number}`) : dash),
    day: (value) => (value ? days.format(new Date(value.slice(0, 10))) : dash),
    moment: (value) => (value ? moments.format(new Date(value)) : dash),
    clock: (value) => (value ? clocks.format(new Date(value)) : dash),
    time: (value) => (value ? times.format(new Date(value)) : dash),
    ago(value, now = new Date()) {
      if (!value) return dash;
      // A day without a time is that day for everybody.
      const isDay = typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
      const at = new Date(isDay ? `${value}T00:00` : value);
      const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
      const days = dayNumber(at) - dayNumber(now);
      if (isDay || (days !== 0 && Math.abs(seconds) * 1000 >= dayMs) || Math.abs(days) > 1)
        return relative.format(days, 'day');
      const [unit, size] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? (['second', 1] as const);
      return relative.format(Math.trunc(seconds / size), unit);
    },
    duration(seconds) {
      if (seconds === null || seconds === undefined) return dash;
      const whole = Math.max(0, Math.round(seconds));
      if (whole < 60) return `${whole} s`;
      const minutes = Math.floor(whole / 60);
      if (minutes < 60) return `${minutes} min ${whole % 60} s`;
      return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    },
  };
}
