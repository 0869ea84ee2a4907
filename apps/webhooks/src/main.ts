import { start } from '@isthmus/service-kit';
import { webhooksOptions } from './webhooks.options.ts';

await start(webhooksOptions);
