import { optionalInstant } from './dates.ts';
import { id, optionalText, text, word, type Row } from './fields.ts';

const statuses = new Set(['submitted', 'processing', 'error', 'completed', 'unknown'] as const);

/** A billing report: CMP's only billing data. */
export interface CmpReport {
  id: string;
  name: string;
  status: 'submitted' | 'processing' | 'error' | 'completed' | 'unknown';
  /** `periodic`, `daily`, `monthly`, `onetime` or `on_invoice`. */
  type?: string;
  /** `csv`, `xml`, `xlsx` or `json`; CMP also answers it in capitals. */
  format?: string;
  creationDate?: string;
  startDate?: string;
  endDate?: string;
  /** Signed link, to be fetched without API headers. Whoever has it can read the report. */
  downloadUrl?: string;
}

export const readReport = (row: Row): CmpReport => ({
  id: id(row, 'id'),
  name: text(row, 'name'),
  status: row.status == null ? 'unknown' : word(row, 'status', statuses),
  type: optionalText(row, 'type'),
  format: optionalText(row, 'format')?.toLowerCase(),
  creationDate: optionalInstant(row, 'creationDate'),
  startDate: optionalInstant(row, 'startDate'),
  endDate: optionalInstant(row, 'endDate'),
  downloadUrl: optionalText(row, 'downloadUrl'),
});
