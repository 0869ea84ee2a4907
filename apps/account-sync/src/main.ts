import { start } from '@isthmus/service-kit';
import { accountSyncOptions } from './account-sync.module.ts';

// Not awaited: what is loaded later may share a file with this, and would wait for its end.
void start(accountSyncOptions);
