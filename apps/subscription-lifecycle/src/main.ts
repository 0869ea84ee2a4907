import { start } from '@isthmus/service-kit';
import { subscriptionLifecycle } from './subscription-lifecycle.options.ts';

await start(subscriptionLifecycle);
