import { start } from '@isthmus/service-kit';
import { webhooksOptions } from './webhooks.module.ts';

// Not awaited: what is loaded later may share a file with this, and would wait for its end.
void start(webhooksOptions);
