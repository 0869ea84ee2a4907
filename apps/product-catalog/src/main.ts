import { start } from '@isthmus/service-kit';
import { productCatalogOptions } from './product-catalog.options.ts';

// Not awaited: what is loaded later may share a file with this, and would wait for its end.
void start(productCatalogOptions);
