import type { World } from '../world/world.ts';

const suffix = '.onmicrosoft.com';
const label = /^[a-z0-9]{1,27}$/i;

/**
 * Whether a Microsoft domain will do. New commerce takes the full `x.onmicrosoft.com`, legacy Office 365 the prefix only.
 * A new tenant needs a free domain; an existing one must be known, or one of the customer's own.
 */
export function domainVerdict(
  world: World,
  customerId: string,
  value: string | undefined,
  form: 'full' | 'prefix',
  preference: string,
): { result: 'success' | 'error'; message: string } {
  const error = (message: string) => ({ result: 'error' as const, message });
  if (value === undefined || value === '') return error('Domain is required.');
  const lower = value.toLowerCase();
  if (form === 'full' && !lower.endsWith(suffix)) return error(`Domain must end with ${suffix}.`);
  if (form === 'prefix' && lower.includes('.')) return error(`Domain prefix must not include ${suffix}.`);
  const prefix = form === 'full' ? lower.slice(0, -suffix.length) : lower;
  if (!label.test(prefix)) return error('Domain prefix must be 1 to 27 letters and digits.');
  const holder = world.tenants.find(prefix + suffix);
  if (holder && holder.customerId !== customerId) return error('Domain is not available.');
  if (preference === 'new' && form === 'full' && holder) return error('Domain is not available.');
  if (preference === 'existing' && !holder && prefix.startsWith('unknown'))
    return error('Domain does not belong to a known tenant.');
  return {
    result: 'success',
    message: holder ? 'Domain belongs to an existing tenant.' : 'Domain available to purchase.',
  };
}
