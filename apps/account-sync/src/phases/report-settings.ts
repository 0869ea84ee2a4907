import type { RatedLineKind } from '@isthmus/contracts';
import { squeezeWord } from '../domain/line-kinds.ts';
import { ColumnMap, type RatedField } from '../domain/rated-columns.ts';
import type { WorkerEnv } from '../worker.config.ts';
import type { ReportSettings } from './reports.phase.ts';

const megabyte = 1_048_576;

/** The worker's settings as the phase wants them; both tables were checked at the start. */
export function reportSettings(env: WorkerEnv): ReportSettings {
  const lineKinds = JSON.parse(env.RATED_LINE_KINDS) as Record<string, RatedLineKind>;
  return {
    days: env.REPORT_DAYS,
    columns: new ColumnMap(JSON.parse(env.RATED_COLUMNS) as Record<string, RatedField>),
    lineKinds: Object.fromEntries(Object.entries(lineKinds).map(([word, kind]) => [squeezeWord(word), kind])),
    tolerance: { perLine: env.RATED_TOLERANCE_PER_LINE, atMost: env.RATED_TOLERANCE_MAX },
    limits: {
      csv: env.REPORT_CSV_MAX_MB * megabyte,
      json: env.REPORT_JSON_MAX_MB * megabyte,
      xlsx: env.REPORT_XLSX_MAX_MB * megabyte,
    },
  };
}
