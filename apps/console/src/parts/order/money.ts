/** The exact sum of plain decimals, in integers of the smallest decimal among them: money never becomes a float. */
export function sumOf(amounts: readonly string[]): string {
  const decimals = Math.max(0, ...amounts.map((amount) => amount.split('.')[1]?.length ?? 0));
  const total = amounts.reduce((sum, amount) => {
    const [whole = '0', fraction = ''] = amount.split('.');
    return sum + BigInt(whole + fraction.padEnd(decimals, '0'));
  }, 0n);
  const digits = String(total < 0n ? -total : total).padStart(decimals + 1, '0');
  const at = digits.length - decimals;
  const value = decimals === 0 ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`;
  return total < 0n ? `-${value}` : value;
}
