import { readConfig } from './config.ts';
import { startSimulator } from './start-simulator.ts';

const { url, close } = await startSimulator(readConfig());
process.stdout.write(`${JSON.stringify({ listening: url })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void close().then(() => process.exit(0)));
