import { classifyProduct, type ProductSigns, type RequestedOperation, unsupported } from './product-line.ts';

const nce = { mpn: 'CFQ7TTC0LH16:0001' };
const legacy = { mpn: 'bd938f12-058f-4927-bba3-ae36b1d2501c_MONTHLY' };
const azure = { mpn: 'DZH318Z0BPS6:0001', name: 'Azure plan' };

describe('what Work 365 orders through Ingram', () => {
  it.each<[RequestedOperation, ProductSigns, string | undefined]>([
    ['create', nce, undefined],
    ['change-quantity', nce, undefined],
    ['cancel', nce, undefined],
    ['renewal-setting', nce, undefined],
    ['create', legacy, undefined],
    ['cancel', legacy, undefined],
    ['change-quantity', legacy, 'legacy-update-not-supported'],
    ['create', { ...nce, name: 'Microsoft 365 E3 Trial' }, 'trial-not-supported'],
    ['create', { ...legacy, trial: true }, 'trial-not-supported'],
    ['create', azure, 'azure-not-supported'],
    ['change-quantity', { mpn: 'MS-AZR-0145P' }, 'azure-not-supported'],
    ['upgrade', nce, 'upgrade-not-supported'],
    ['migrate', legacy, 'migration-not-supported'],
  ])('%s of %j: %s', (operation, product, code) => {
    const refusal = unsupported(operation, product);
    expect(refusal?.code).toBe(code);
    if (refusal) expect(refusal.nextStep.length).toBeGreaterThan(20);
  });

  it('takes products that only have Azure in their name for what their part number says', () => {
    expect(
      classifyProduct({
        mpn: 'd903a2db-bf6f-4434-83f1-21ba44017813',
        name: 'Azure Information Protection P1',
      }),
    ).toBe('legacy');
    expect(classifyProduct({ mpn: 'ACR-CP-STD', name: 'Cyber Protect' })).toBe('other');
  });
});
