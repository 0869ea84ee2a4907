/** The body of a list answer. */
export interface Listing {
  data: unknown[];
  pagination: { offset: number; limit: number; total: number };
}

export function isListing(payload: unknown): payload is Listing {
  return typeof payload === 'object' && payload !== null && 'data' in payload && 'pagination' in payload;
}
