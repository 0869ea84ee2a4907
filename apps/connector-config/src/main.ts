import { start } from '@isthmus/service-kit';
import { connectorConfig } from './connector-config.module.ts';

await start(connectorConfig);
