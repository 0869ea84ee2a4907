import { Transform } from 'node:stream';
import { ReportNotUsable } from '../domain/report.errors.ts';

/** Passes the bytes on while they are not too many. */
export function limitBytes(limit: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      if (bytes > limit) return done(tooLarge(limit));
      done(null, chunk);
    },
  });
}

export const tooLarge = (limit: number): ReportNotUsable =>
  new ReportNotUsable(
    'report.file-too-large',
    `The file is larger than the ${Math.round(limit / 1_048_576)} MiB allowed for its format.`,
    'Order the report for a shorter period or as CSV, or raise its limit: REPORT_CSV_MAX_MB, REPORT_JSON_MAX_MB, REPORT_XLSX_MAX_MB.',
  );
