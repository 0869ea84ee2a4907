import { FieldProblem, type Row } from './fields.ts';

const dayShape = /^(\d{4})-(\d{2})-(\d{2})(?:$|T)/;
const instantShape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** Days found good before: a listing has four a row and few different ones, and to judge one costs as much as the rest of its row. */
const goodDays = new Set<string>();
const goodDaysKept = 10_000;

/** `YYYY-MM-DD`, or undefined when absent. A date-time is accepted for its day. */
export function optionalDay(row: Row, field: string): string | undefined {
  const value = row[field];
  if (value == null || value === '') return undefined;
  if (typeof value !== 'string') throw new FieldProblem(field, 'expected a date');
  if (goodDays.has(value)) return value;
  const [, year, month, day] = dayShape.exec(value) ?? [];
  if (!day || !exists(Number(year), Number(month), Number(day))) {
    throw new FieldProblem(field, 'expected a date such as 2026-01-31');
  }
  if (value.length > 10) return value.slice(0, 10);
  if (goodDays.size >= goodDaysKept) goodDays.clear();
  goodDays.add(value);
  return value;
}

/** An ISO date-time in UTC. A zone is converted; none is taken for UTC (assumption `timesWithoutZoneAreUtc`). */
export function instant(row: Row, field: string): string {
  const value = row[field];
  const match = typeof value === 'string' ? instantShape.exec(value) : null;
  if (!match) throw new FieldProblem(field, 'expected a date-time such as 2026-01-31T10:00:00Z');
  const iso = match[0];
  const time = Date.parse(match[1] ? iso : `${iso}Z`);
  // The language's own reading takes 30 February for 2 March.
  const [year, month, day] = iso.slice(0, 10).split('-').map(Number) as [number, number, number];
  if (Number.isNaN(time) || !exists(year, month, day)) throw notThere(field);
  // 24:00 is the next day's midnight; not every reader knows it.
  const utc = match[1] === 'Z' && iso.slice(11, 13) !== '24' ? iso : new Date(time).toISOString();
  // A zone can lead out of the years that are written with four digits, and out of those that PostgreSQL reads.
  if (!dayShape.test(utc) || utc.startsWith('0000')) throw notThere(field);
  return utc;
}

export const optionalInstant = (row: Row, field: string): string | undefined =>
  row[field] == null || row[field] === '' ? undefined : instant(row, field);

const notThere = (field: string) => new FieldProblem(field, 'expected a date-time that exists');

/** Whether the calendar has the day. It has no year 0, and neither has PostgreSQL. */
function exists(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  return day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
