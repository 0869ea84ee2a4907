import type { Readable } from 'node:stream';
import { DomainError } from '@isthmus/domain';
import { parse } from 'csv-parse';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { PutTenantAccount } from './tenant-accounts.dto.ts';

/** The file as a whole cannot be used; nothing was changed. */
export class AccountFileNotUsable extends DomainError {
  static override readonly code = 'tenant-account-file.not-usable';
  constructor(problem: string, nextStep: string) {
    super(problem, { title: 'The file cannot be used', nextStep });
  }
}

/** The columns; domains and e-mail addresses are separated by spaces or semicolons. Those of a list that is exported are ignored. */
const columns = ['id', 'name', 'domains', 'emails', 'taxRegId'] as const;
const exportedOnly = ['linkedProviderAccounts', 'createdAt', 'updatedAt', 'version'];

export const maxFileRows = 5_000;
const maxFileBytes = 4 * 1024 * 1024;
const maxRowLength = 65_536;

/** A row of the file; `row` counts from 1 without the header. */
export type AccountRow = { row: number; id: string } & (
  { ok: true; account: PutTenantAccount } | { ok: false; problem: string }
);

/** @throws AccountFileNotUsable */
export async function readAccountFile(file: Readable): Promise<AccountRow[]> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of file as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxFileBytes)
      throw new AccountFileNotUsable(`The file is larger than ${maxFileBytes} bytes.`, 'Split the file.');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (/[\u0000\ufffd]/.test(text))
    throw new AccountFileNotUsable('The file is not UTF-8.', 'Save it as "CSV UTF-8".');
  return rowsOf(await cellsOf(text));
}

type Cells = Record<string, string>;

function cellsOf(text: string): Promise<Cells[]> {
  return new Promise((resolve, reject) => {
    // It is parsed in one go, which nothing else can interrupt: not even one row more than tells that there are too many.
    const limits = { to: maxFileRows + 1, max_record_size: maxRowLength };
    const options = { bom: true, skip_empty_lines: true, trim: true, columns: checkHeader, ...limits };
    parse(text, options, (error, rows) => {
      if (!error) resolve(rows as unknown as Cells[]);
      else if (error instanceof DomainError) reject(error);
      else reject(new AccountFileNotUsable(`The file cannot be read: ${error.message}`, checkCsv));
    });
  });
}

const checkCsv = 'Check that it is a CSV with commas, and that every row has as many cells as the header.';

function checkHeader(header: string[]): string[] {
  const names = header.map((name) => name.trim());
  const known: readonly string[] = [...columns, ...exportedOnly];
  const unknown = names.filter((name) => !known.includes(name));
  const missing = ['id', 'name'].filter((name) => !names.includes(name));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const nextStep = `Use the columns ${columns.join(', ')}.`;
  if (unknown.length)
    throw new AccountFileNotUsable(`The columns ${unknown.join(', ')} are not known.`, nextStep);
  if (missing.length)
    throw new AccountFileNotUsable(`The column ${missing.join(' and ')} is missing.`, nextStep);
  if (twice !== undefined) throw new AccountFileNotUsable(`The column ${twice} occurs twice.`, nextStep);
  return names;
}

function rowsOf(cells: readonly Cells[]): AccountRow[] {
  if (cells.length === 0)
    throw new AccountFileNotUsable('The file has no rows.', `Begin it with a header: ${columns.join(',')}`);
  if (cells.length > maxFileRows)
    throw new AccountFileNotUsable(`The file has more than ${maxFileRows} rows.`, 'Split the file.');
  const seen = new Map<string, number>();
  return cells.map((cell, index) => {
    const row = index + 1;
    const id = plain(cell.id);
    const earlier = seen.get(id);
    seen.set(id, row);
    if (earlier !== undefined)
      return { row, id, ok: false, problem: `Row ${earlier} is about the same account.` };
    return { row, id, ...readRow(id, cell) };
  });
}

function readRow(
  id: string,
  cell: Cells,
): { ok: true; account: PutTenantAccount } | { ok: false; problem: string } {
  if (!tenantAccountId.test(id)) return { ok: false, problem: `id ${idRule}` };
  const taxRegId = plain(cell.taxRegId);
  const account = plainToInstance(PutTenantAccount, {
    name: plain(cell.name),
    domains: listed(cell.domains),
    emails: listed(cell.emails),
    ...(taxRegId && { taxRegId }),
  });
  const [error] = validateSync(account, { forbidUnknownValues: true });
  const [problem] = Object.values(error?.constraints ?? {});
  return problem === undefined ? { ok: true, account } : { ok: false, problem };
}

/** The form of Work 365's ids of accounts. */
export const tenantAccountId = /^[\w.:@{}-]{1,64}$/;
export const idRule = 'must be 1 to 64 letters, digits or any of . : @ { } _ -';

/** Without the apostrophe that an export puts before what a spreadsheet would evaluate. */
const plain = (text = ''): string => text.replace(/^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/, '');

const listed = (text: string | undefined): string[] => [
  ...new Set(
    plain(text)
      .split(/[\s;]+/)
      .filter(Boolean),
  ),
];
