import { start } from '@isthmus/service-kit';
import { subscriptionLifecycle } from './service.ts';

await start(subscriptionLifecycle);
