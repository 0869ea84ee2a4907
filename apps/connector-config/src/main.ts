import { start } from '@isthmus/service-kit';
import { connectorConfig } from './connector-config.service.ts';

await start(connectorConfig);
