import { stringify } from 'csv-stringify/sync';
import { importColumns, exportOnlyColumns } from '../domain/import-row.ts';
import type { ExportedMapping } from '../persistence/queries/export-mappings.query.ts';

const columns = [...importColumns, ...exportOnlyColumns] as const;

/** A cell that a spreadsheet would run gets an apostrophe before it. Source: OWASP, "CSV Injection". */
const options = { columns: [...columns], escape_formulas: true };

/** Lines of CSV with a header, one by one. */
export async function* writeCsv(lines: AsyncIterable<ExportedMapping>): AsyncGenerator<string> {
  yield `${columns.join(',')}\n`;
  for await (const line of lines) yield stringify([line], options);
}
