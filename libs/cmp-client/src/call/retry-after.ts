/** How long CMP asks us to wait: by the header (seconds or a date), else by its words, else undefined. */
export function retryAfterMs(
  header: string | string[] | undefined,
  message: string | undefined,
  now: number,
): number | undefined {
  const value = Array.isArray(header) ? header[0] : header;
  if (value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value)) return Number(value) * 1000;
  const date = value === undefined ? NaN : Date.parse(value);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const seconds = /try again in (\d+) seconds?/i.exec(message ?? '')?.[1];
  if (seconds) return Number(seconds) * 1000;
  const quota = /replenished in (\d+):(\d\d):(\d\d)/i.exec(message ?? '');
  if (quota) return (Number(quota[1]) * 3600 + Number(quota[2]) * 60 + Number(quota[3])) * 1000;
  return undefined;
}
