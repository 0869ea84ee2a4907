import type { ConformanceStep } from '../conformance-step.ts';

/** Switches auto-renew of the writable subscription, looks, and switches it back. */
export const renewalSwitch: ConformanceStep = {
  name: 'renewal switch',
  kind: 'writes',
  async run({ client, writableSubscriptionId: id }) {
    const before = (await client.subscriptions.get(id!)).renewalStatus ?? false;
    await client.subscriptions.update(id!, { renewalStatus: !before });
    const during = (await client.subscriptions.get(id!)).renewalStatus;
    await client.subscriptions.update(id!, { renewalStatus: before });
    const after = (await client.subscriptions.get(id!)).renewalStatus;
    return [
      {
        subject: 'PATCH renewalStatus',
        assumed: 'takes effect at once',
        observed: `${before} → ${during} → ${after}`,
        holds: during === !before && after === before,
      },
    ];
  },
};
