import { badLines, parametersIn, purchaseOrder } from './buy-values.ts';

describe('a purchase', () => {
  const purchase = { account: 'a-1', part: 'INGRAM:Microsoft:CFQ7TTC0LH16:0001', period: 'P1M', term: 'P1Y' };

  it('names period and term, which tell products of one part number apart', () => {
    expect(purchaseOrder(purchase, { seats: '5', parameters: '' })).toEqual({
      kind: 'create',
      providerAccountId: 'a-1',
      partNumber: 'INGRAM:Microsoft:CFQ7TTC0LH16:0001',
      seats: 5,
      billingPeriod: 'P1M',
      term: 'P1Y',
    });
  });

  it('leaves out what is not known', () => {
    const order = purchaseOrder({ account: 'a-1', part: 'X' }, { seats: '1', parameters: ' \n' });
    expect(Object.keys(order).sort()).toEqual(['kind', 'partNumber', 'providerAccountId', 'seats']);
  });

  it('reads parameters line by line; a value may contain an equals sign', () => {
    expect(parametersIn('microsoft_domain = contoso.onmicrosoft.com\r\n\n note=a=b ')).toEqual([
      { name: 'microsoft_domain', value: 'contoso.onmicrosoft.com' },
      { name: 'note', value: 'a=b' },
    ]);
  });

  it('finds lines that are no parameter', () => {
    expect(badLines('microsoft_domain=contoso.com\ncontoso.com\n=x')).toEqual(['contoso.com', '=x']);
    expect(badLines('empty=')).toEqual([]);
  });
});
