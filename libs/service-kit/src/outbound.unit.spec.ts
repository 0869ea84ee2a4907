import { checkOutboundUrl, isPublicAddress } from './outbound.ts';

it.each([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.7',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  'fe80::1',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  '2001:db8::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '64:ff9b:1::a00:1',
  '2002:7f00:1::',
  '2001::1',
  '::127.0.0.1',
  'fec0::1',
  '::7f00:1',
  '::5efe:7f00:1',
  '100:0:0:1::1',
  '4000::1',
  'e000::1',
  '2001:1::1',
  '2001:20::1',
  '2002:808:808::1',
  '2620:4f:8000::1',
  '3fff:fff::1',
  '100::1',
  '5f00::1',
  '3fff::1',
  'not an address',
  '',
])('%s is not a public address', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

it.each([
  '1.1.1.1',
  '8.8.8.8',
  '20.50.2.1',
  '172.32.0.1',
  '2606:4700::1111',
  '2a00:1450:4001::1',
  '2001:4860:4860::8888',
  '3ffe:ffff::1',
  '::ffff:8.8.8.8',
])('%s is one', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

it.each([
  ['https://api.cloud.im/marketplace/na', []],
  ['https://api.cloud.im:8443/', []],
  ['http://api.cloud.im/', ['not-https']],
  ['ftp://api.cloud.im/', ['not-https']],
  ['https://user:pw@api.cloud.im/', ['credentials-in-url']],
  ['https://api.cloud.im/#x', ['fragment']],
  ['api.cloud.im', ['not-a-url']],
  ['https://127.0.0.1/', ['private-address']],
  ['https://[::1]/', ['private-address']],
  ['https://[::ffff:10.0.0.1]/', ['private-address']],
  ['https://2130706433/', ['private-address']],
  ['https://0x7f.1/', ['private-address']],
  ['https://0177.0.0.1/', ['private-address']],
  ['https://localhost/', ['private-address']],
  ['https://LOCALHOST./', ['private-address']],
  ['https://db.internal/', ['private-address']],
  ['https://postgres/', ['private-address']],
  ['https://api.cloud.im:22/', ['port-not-allowed']],
  ['https://[::1]:5432/', ['private-address', 'port-not-allowed']],
  ['http://u@10.0.0.1/', ['not-https', 'credentials-in-url', 'private-address']],
])('%s: %j', (url, problems) => {
  expect(checkOutboundUrl(url, { allowPrivateAddresses: false, ports: [443, 8443] })).toEqual(problems);
});

it('lets a local machine use http, private addresses and any port, and nothing more', () => {
  const rules = { allowPrivateAddresses: true, ports: [443] };
  expect(checkOutboundUrl('http://127.0.0.1:8080/x', rules)).toEqual([]);
  expect(checkOutboundUrl('https://127.0.0.1:9443/x', rules)).toEqual([]);
  expect(checkOutboundUrl('ftp://127.0.0.1/', rules)).toEqual(['not-https']);
});
