export { startNats, startPostgres, freePort, type RunningServer } from '@isthmus/servers';
export { eventually } from './eventually.ts';
export { freshDatabase, type FreshDatabase } from './fresh-database.ts';
