import { start } from '@isthmus/service-kit';
import { webhooksOptions } from './webhooks.module.ts';

await start(webhooksOptions);
