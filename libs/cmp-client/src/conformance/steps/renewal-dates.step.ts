import type { ConformanceStep } from '../conformance-step.ts';

const day = 86_400_000;

/** How the end of a term relates to its renewal, over the active subscriptions. */
export const renewalDates: ConformanceStep = {
  name: 'renewal dates',
  kind: 'reads',
  async run({ client, assumptions }) {
    const { records } = await client.subscriptions.page({ limit: 500, status: 'active' });
    const counts = { 'same-day': 0, 'day-before-renewal': 0, other: 0 };
    for (const record of records) {
      if (!record.ok) continue;
      const { renewalDate, expirationDate } = record.value;
      if (!renewalDate || !expirationDate) continue;
      const days = (Date.parse(renewalDate) - Date.parse(expirationDate)) / day;
      counts[days === 0 ? 'same-day' : days === 1 ? 'day-before-renewal' : 'other']++;
    }
    const observed = Object.entries(counts)
      .map(([relation, count]) => `${count} ${relation}`)
      .join(', ');
    const assumed = assumptions.expirationRelation;
    const seen = Object.values(counts).some((count) => count > 0);
    const agrees = assumed !== 'unknown' && counts[assumed] > 0 && counts.other === 0;
    return [
      {
        subject: 'expirationRelation',
        assumed,
        observed,
        holds: !seen || assumed === 'unknown' ? undefined : agrees,
      },
    ];
  },
};
