import { start } from '@isthmus/service-kit';
import { productCatalogOptions } from './product-catalog.options.ts';

await start(productCatalogOptions);
