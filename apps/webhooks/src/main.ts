import { start } from '@isthmus/service-kit';
import { webhooksOptions } from './service.ts';

await start(webhooksOptions);
