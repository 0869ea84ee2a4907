/** What is wrong with report files, or only awkward; each has been seen or must be feared in real ones. */
export interface ReportOddities {
  /** Every so many rows one comes twice, as in real files; 0 for never. The total counts it once. */
  repeatEvery: number;
  /** So many rows have a twin that looks the same and is charged as well. */
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
  /** Columns nobody has heard of. */
  unknownColumns: boolean;
  /** So many rows of customers and subscriptions that CMP lists nowhere. */
  unknownCustomers: number;
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
});
