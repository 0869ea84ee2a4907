import { start } from '@isthmus/service-kit';
import { workerOptions } from './worker.options.ts';

await start(workerOptions);
