import { mirrorListing, type Phase } from '@isthmus/sync-engine';
import { productMirror } from '../mirrors/product.mirror.ts';

export const productsPhase: Phase = {
  name: 'products',
  run: (context) =>
    mirrorListing(context, {
      mirror: productMirror,
      page: (offset, limit) => context.cmp.products.page({ offset, limit }, { signal: context.signal }),
    }),
};
