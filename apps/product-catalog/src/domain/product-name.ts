/** Words that tell the way of selling, not the product. "EDU" and "GOV" do tell the product. */
const saleWords: ReadonlySet<string> = new Set([
  'nce',
  'csp',
  'com',
  'ann',
  'mth',
  'annual',
  'monthly',
  'the',
]);

/** The words of a product's name that tell it from others, in order and without case: `microsoft 365 business basic`. */
export function nameKey(name: string): string {
  const words = name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !saleWords.has(word)).join(' ');
}

/** 0 to 1: the share of words that two names have in common. */
export function nameLikeness(a: string, b: string): number {
  const [left, right] = [new Set(nameKey(a).split(' ')), new Set(nameKey(b).split(' '))];
  if (left.has('') || right.has('')) return 0;
  const common = [...left].filter((word) => right.has(word)).length;
  return common / (left.size + right.size - common);
}
