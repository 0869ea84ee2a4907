import type { Finding } from './report.ts';

export async function measure(): Promise<Finding[]> {
  return [];
}
