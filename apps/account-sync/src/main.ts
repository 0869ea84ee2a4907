import { start } from '@isthmus/service-kit';
import { accountSyncOptions } from './account-sync.options.ts';

await start(accountSyncOptions);
