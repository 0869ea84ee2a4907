export const catalogScopes = ['products'] as const;
export type CatalogScope = (typeof catalogScopes)[number];

/** CMP's product list has no "changed since". */
export const catalogDepths = ['full'] as const;
export type CatalogDepth = (typeof catalogDepths)[number];
