import { start } from '@isthmus/service-kit';
import { consoleGatewayOptions } from './console-gateway.module.ts';

await start(consoleGatewayOptions);
