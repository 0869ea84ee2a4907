import { isoPeriod } from '@isthmus/contracts';
import { InvalidPartNumber, PartNumber } from '@isthmus/domain';

export const importColumns = [
  'part_number',
  'billing_period',
  'term',
  'product_id',
  'action',
  'reason',
] as const;
/** Columns of an export that an import takes no notice of, so that an edited export can come back. */
export const exportOnlyColumns = [
  'state',
  'vendor',
  'mpn',
  'product_name',
  'subscriptions',
  'mapped_by',
  'mapped_at',
] as const;

export const importActions = ['map', 'exclude', 'unmap'] as const;
export type ImportAction = (typeof importActions)[number];

/** A line of an import as far as it can be judged by itself. */
export type ImportRow =
  | {
      ok: true;
      partNumber: string;
      key: string;
      billingPeriod: string;
      term: string;
      /** `none`: the row names no product and asks for nothing. */
      action: ImportAction | 'none';
      /** CMP's product id or ours; '' unless `action` is map. */
      product: string;
      reason: string;
    }
  | { ok: false; partNumber: string; problem: string };

/** What is wrong with a header; undefined when it can be used. */
export function headerProblem(header: readonly string[]): string | undefined {
  const known: readonly string[] = [...importColumns, ...exportOnlyColumns];
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) return `The column ${JSON.stringify(twice)} is there twice.`;
  const strange = header.filter((name) => !known.includes(name));
  if (strange.length)
    return `The columns ${strange.map((name) => JSON.stringify(name)).join(', ')} are not known.`;
  const missing = ['part_number', 'product_id'].filter((name) => !header.includes(name));
  return missing.length ? `The column ${missing.join(' and ')} is missing.` : undefined;
}

export function readImportRow(cells: Readonly<Record<string, string>>): ImportRow {
  const cell = (name: (typeof importColumns)[number]) => undefuse(cells[name] ?? '').trim();
  const partNumber = cell('part_number').replaceAll('\u0000', '');
  const refuse = (problem: string): ImportRow => ({
    ok: false,
    partNumber: partNumber.slice(0, 600),
    problem,
  });
  const odd = Object.entries(cells).find(([, value]) => /[\u0000\ufffd]/.test(value));
  if (odd) return refuse(`${odd[0]} holds characters that are not UTF-8. Save the file as "CSV UTF-8".`);
  const [billingPeriod, term] = [cell('billing_period').toUpperCase(), cell('term').toUpperCase()];
  for (const [name, period] of Object.entries({ billing_period: billingPeriod, term }))
    if (period && !isoPeriod.test(period))
      return refuse(`${name} ${JSON.stringify(period)} is not a period such as P1M, P1Y or P3Y.`);
  const product = cell('product_id');
  const action = cell('action').toLowerCase() || (product ? 'map' : 'none');
  if (!isAction(action))
    return refuse(`action ${JSON.stringify(action)} is not one of ${importActions.join(', ')}.`);
  if (action === 'map' && !product) return refuse('product_id is empty.');
  if (action !== 'map' && product) return refuse(`product_id must be empty to ${action}.`);
  const reason = cell('reason');
  if (reason.length > 500) return refuse('reason is longer than 500 characters.');
  try {
    const parsed = PartNumber.parse(partNumber);
    const named = { partNumber: PartNumber.print(parsed), key: PartNumber.key(parsed) };
    return { ok: true, ...named, billingPeriod, term, action, product, reason };
  } catch (error) {
    if (error instanceof InvalidPartNumber) return refuse(error.message);
    throw error;
  }
}

const isAction = (text: string): text is ImportAction | 'none' =>
  text === 'none' || importActions.some((action) => action === text);

/** Takes away the apostrophe that an export puts before what a spreadsheet would run. */
const undefuse = (text: string): string => text.replace(/^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/, '');
