import type { Finding } from './report.ts';
import { report } from './report.ts';
import { endAll } from './stack/endings.ts';

const benchmarks: Record<string, () => Promise<{ measure: () => Promise<Finding[]> }>> = {
  sync: () => import('./sync.bench.ts'),
  resync: () => import('./resync.bench.ts'),
  events: () => import('./events.bench.ts'),
  memory: () => import('./memory.bench.ts'),
  calls: () => import('./calls.bench.ts'),
  resolve: () => import('./resolve.bench.ts'),
  orders: () => import('./orders.bench.ts'),
  reports: () => import('./reports.bench.ts'),
  webhooks: () => import('./webhooks.bench.ts'),
  'rest-provider': () => import('./rest-provider.bench.ts'),
};

const name = process.argv[2] ?? '';
const load = benchmarks[name];
if (!load) {
  process.stderr.write(`Say which benchmark: npm run bench ${Object.keys(benchmarks).join('|')}\n`);
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void endAll().finally(() => process.exit(130)));
const { measure } = await load();
try {
  process.exitCode = report(await measure()) ? 0 : 1;
} finally {
  await endAll();
}
