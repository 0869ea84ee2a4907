const segments = {
  Education: /\b(education|edu|student|faculty|academic)\b/i,
  Government: /\b(government|gov|gcc)\b/i,
  Charity: /\b(charity|nonprofit|non-profit)\b/i,
  Commercial: /\b(nce )?com (ann|mth|trn)\b|\bcommercial\b/i,
} as const;

/** Whom a product is for, where its name says so: CMP's names of Microsoft's products end in "(NCE COM ANN)" and the like. */
export const segmentOf = (name: string): keyof typeof segments | undefined =>
  (Object.keys(segments) as (keyof typeof segments)[]).find((segment) => segments[segment].test(name));
