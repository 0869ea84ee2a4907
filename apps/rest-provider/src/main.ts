import { start } from '@isthmus/service-kit';
import { restProviderOptions } from './rest-provider.options.ts';

await start(restProviderOptions);
