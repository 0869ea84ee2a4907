import { conformanceTable, runConformance, type StepReport } from '@isthmus/cmp-client/conformance';
import { conformanceConfig } from './config.ts';

const config = conformanceConfig();
if ('missing' in config) {
  console.error(`Set ${config.missing.join(', ')} to question a CMP.`);
  console.error('It only reads. CMP_CONFORMANCE_PRESS_LIMIT=yes also finds out the call limit, and');
  console.error(
    'CMP_CONFORMANCE_WRITE=yes with CMP_CONFORMANCE_SUBSCRIPTION=<id> changes that subscription and back.',
  );
  process.exit(2);
}

const reports: StepReport[] = [];
for await (const report of runConformance(config.connection, config.options)) {
  console.error(
    `${report.step}: ${report.failure ?? report.skipped ?? `${report.observations.length} observed`}`,
  );
  reports.push(report);
}
console.log(conformanceTable(reports));
const contradicted = reports.some(({ observations }) => observations.some(({ holds }) => holds === false));
process.exitCode = contradicted || reports.some(({ failure }) => failure) ? 1 : 0;
