import { type Finding, report } from './measuring.ts';
import { endAll } from './stack/processes.ts';

const benchmarks: Record<string, () => Promise<() => Promise<Finding[]>>> = {
  sync: async () => (await import('./sync.bench.ts')).measureSync,
  resync: async () => (await import('./sync.bench.ts')).measureResync,
  events: async () => (await import('./events.bench.ts')).measure,
  fleet: async () => (await import('./fleet/fleet.bench.ts')).measure,
  memory: async () => (await import('./memory.bench.ts')).measure,
  workers: async () => (await import('./workers/workers.bench.ts')).measure,
  calls: async () => (await import('./calls.bench.ts')).measure,
  'first-picture': async () => (await import('./first-picture.bench.ts')).measure,
  resolve: async () => (await import('./resolve.bench.ts')).measure,
  orders: async () => (await import('./orders.bench.ts')).measure,
  reports: async () => (await import('./reports.bench.ts')).measure,
  webhooks: async () => (await import('./webhooks.bench.ts')).measure,
  footprint: async () => (await import('./programs/footprint.bench.ts')).measure,
  start: async () => (await import('./programs/start.bench.ts')).measure,
  tracing: async () => (await import('./programs/tracing.bench.ts')).measure,
  console: async () => (await import('./http/console.bench.ts')).measure,
  gateway: async () => (await import('./http/gateway.bench.ts')).measure,
  'rest-provider': async () => (await import('./http/rest-provider.bench.ts')).measure,
};

const name = process.argv[2] ?? '';
const load = benchmarks[name];
if (!load) {
  process.stderr.write(`Choose a benchmark: npm run bench ${Object.keys(benchmarks).join('|')}\n`);
  process.exit(2);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void endAll().finally(() => process.exit(130)));
const measure = await load();
try {
  process.exitCode = report(await measure()) ? 0 : 1;
} finally {
  await endAll();
}
