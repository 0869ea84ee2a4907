const suffix = '.onmicrosoft.com';
const label = /^[a-z0-9]{1,27}$/;

/** `contoso` or `Contoso.onmicrosoft.com` as `contoso.onmicrosoft.com`; null for what cannot be a Microsoft domain. */
export function fullDomain(text: string): string | null {
  const lower = text.trim().toLowerCase();
  const prefix = lower.endsWith(suffix) ? lower.slice(0, -suffix.length) : lower;
  return label.test(prefix) ? prefix + suffix : null;
}
