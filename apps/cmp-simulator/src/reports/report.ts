/** A billing report as the world stores it; times are milliseconds, UTC. */
export interface ReportState {
  id: string;
  name: string;
  customizationName?: string | undefined;
  type: 'monthly' | 'onetime';
  format: 'csv' | 'json' | 'xlsx';
  createdAt: number;
  readyAt: number;
  from: number;
  until: number;
  signature: string;
}

/** The allowed values of those oddities that are words. */
export const oddWords = {
  days: ['year-first', 'day-first', 'month-first'],
  separator: [',', ';', '\t', '|'],
  encoding: ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'],
  spelling: ['upper', 'camel', 'spaced'],
  view: ['invoice', 'full', 'short'],
} as const;

/** What is wrong with report files, or only awkward; each has been seen or must be feared in real ones. */
export interface ReportOddities {
  /** Every how many rows one is repeated, as in real files; 0 for never. The total counts it once. */
  repeatEvery: number;
  /** The number of rows with an identical twin that is also charged. */
  twins: number;
  /** Ends the file with a row that states the total. */
  totalRow: boolean;
  /** Added to the stated total, in cents: then it is wrong. */
  totalOffCents: number;
  byteOrderMark: boolean;
  /** `CSV` for `csv` in the reports themselves, as older documentation has it. */
  upperCaseFormats: boolean;
  /** `1,234.50` */
  thousandsSeparators: boolean;
  /** Unit prices and totals to the ten-thousandth of a cent. */
  moreDecimals: boolean;
  /** Nothing but the names of the columns. */
  empty: boolean;
  /** The file in the store ends in the middle of a row. */
  truncated: boolean;
  /** Columns come in another order. */
  shuffledColumns: boolean;
  /** Unknown columns. */
  unknownColumns: boolean;
  /** The number of rows for customers and subscriptions that CMP does not list. */
  unknownCustomers: number;
  /** `1234,50`; with `thousandsSeparators` `1.234,50`. In JSON and workbooks such amounts are texts. */
  decimalComma: boolean;
  /** `2026-02-28`, `28/02/2026` or `02/28/2026`. */
  days: (typeof oddWords.days)[number];
  /** Between the cells of a CSV. */
  separator: (typeof oddWords.separator)[number];
  /** Applies to CSV and JSON; characters that Windows-1252 lacks become question marks. */
  encoding: (typeof oddWords.encoding)[number];
  /** `CUSTOMER_NAME`, `CustomerName` or `Customer name`. */
  spelling: (typeof oddWords.spelling)[number];
  /** Which columns: those of invoice workbooks, those besides of the full export, or those of the short view, which has plain names. */
  view: (typeof oddWords.view)[number];
  /** What the full export and the short view state as currency; empty for the account's own. */
  currency: string;
  /** A column that states the invoice's total in every row; `totalOffCents` makes it wrong. */
  invoiceTotalColumn: boolean;
  /** This many rows return one seat, with CMP's own charge type for it. */
  refunds: number;
  /** The subscription is not named. */
  withoutSubscriptions: boolean;
  /** Three customers have accents in their names. */
  accents: boolean;
  /** A customer's name ends in half an emoji; in CSV it becomes whatever the encoding produces. */
  halfEmoji: boolean;
  /** One charge begins in the year 0. */
  yearZero: boolean;
  /** Rows before all others, with columns by their names in capitals; their amounts and dates are printed as given. */
  extraRows: readonly Readonly<Record<string, string>>[];
  /** The bytes of the file instead of all this, in base64; empty for none. */
  verbatim: string;
}

export const usualOddities = (): ReportOddities => ({
  repeatEvery: 50,
  twins: 0,
  totalRow: false,
  totalOffCents: 0,
  byteOrderMark: false,
  upperCaseFormats: false,
  thousandsSeparators: false,
  moreDecimals: false,
  empty: false,
  truncated: false,
  shuffledColumns: false,
  unknownColumns: false,
  unknownCustomers: 0,
  decimalComma: false,
  days: 'year-first',
  separator: ',',
  encoding: 'utf-8',
  spelling: 'upper',
  view: 'invoice',
  currency: '',
  invoiceTotalColumn: false,
  refunds: 0,
  withoutSubscriptions: false,
  accents: false,
  halfEmoji: false,
  yearZero: false,
  extraRows: [],
  verbatim: '',
});
