import { start } from '@isthmus/service-kit';
import { workerOptions } from './worker.module.ts';

await start(workerOptions);
