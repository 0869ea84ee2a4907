import { start } from '@isthmus/service-kit';
import { accountSyncOptions } from './account-sync.module.ts';

await start(accountSyncOptions);
