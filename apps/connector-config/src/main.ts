import { start } from '@isthmus/service-kit';
import { connectorConfig } from './service.ts';

await start(connectorConfig);
