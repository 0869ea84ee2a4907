import type { ServiceOptions } from '@isthmus/service-kit';
import { ProductCatalogEnv } from './config.ts';
import { database } from './persistence/database.ts';
import { ProductCatalogModule } from './product-catalog.module.ts';

/** The service, as `main.ts` and the tests start it. */
export const productCatalogOptions: ServiceOptions<ProductCatalogEnv> = {
  service: 'product-catalog',
  title: 'Products and part numbers',
  description:
    'What CMP sells, as last read; which product each part number is; and what it costs since when.',
  module: ProductCatalogModule,
  config: ProductCatalogEnv,
  database,
  problems: {
    'connector.not-found': 404,
    'connector.paused': 409,
    'product.not-found': 404,
    'product.withdrawn': 409,
    'part-number.invalid': 400,
    'mapping.not-found': 404,
    'mapping.contradicts-product': 422,
    'mapping.is-alias': 409,
    'alias.refused': 409,
    'alias.preview-outdated': 409,
    'mapping-import.not-found': 404,
    'mapping-import.already-applied': 409,
    'mapping-import.file-not-usable': 422,
    'mapping-import.file-too-large': 413,
    'sync-run.not-found': 404,
    'sync-run.action-refused': 409,
    'sync-run.plan-outdated': 409,
  },
};
