import type { lookup as Lookup } from 'node:dns';
import { checkOutboundUrl, outboundAddresses } from './outbound.ts';

/*
 * URLs with which people have tried to reach what is inside, judged where it is decided: names are looked up in a table, and
 * nothing is ever connected to, whatever the decision is.
 */

const rules = { allowPrivateAddresses: false, ports: [443, 8443] };

/** Literal addresses, in every spelling that a URL may have. */
const literals = `
  127.0.0.1 127.0.0.2 127.1 127.0.1 127.255.255.255 0 0.0.0.0 0.0 0.1.2.3 2130706433 017700000001 0x7f000001 0x7F.1 0x7f.0.0.1
  0177.1 0177.0.0.1 0177.0.0.01 00000177.0.0.1 0x7f.0x0.0x0.0x1 127.0.0.1. 2130706433. 127.0.0x1 127.0.1. 0x0 0x00000000 00
  10.0.0.1 10.1 10.255.255.255 167772161 0xa000001 012.1 0xa.0.0.1 0012.0000.0000.0001
  172.16.0.1 172.31.255.254 2886729729 0xac100001 0254.020.0.1 172.16.1
  192.168.0.1 192.168.1 192.168.257 3232235521 0xc0a80001 0300.0250.0.1 0xc0.0xa8.0.1
  169.254.169.254 169.254.43518 169.16689662 2852039166 0xa9fea9fe 0251.0376.0251.0376 0xa9.0xfe.0xa9.0xfe 169.254.169.254. 169.254.170.2
  169.254.0.1 100.64.0.1 100.127.255.254 100.100.100.200 1681915904 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.19.255.254
  198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 4294967295 0xffffffff 1.1.1.1.1 256.256.256.256 999999999999
  １２７.０.０.１ ①②⑦.⓪.⓪.① 127。0。0。1 127．0．0．1 127｡0｡0｡1 ⑯⑨.②⑤④.⑯⑨.②⑤④ %31%32%37.0.0.1 127%2e0%2e0%2e1 0x7f%2e1
  [::] [::1] [0:0:0:0:0:0:0:1] [0000::0001] [::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:127.0.0.1] [0:0:0:0:0:ffff:7f00:1]
  [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [::ffff:0:127.0.0.1] [::a9fe:a9fe] [::10.0.0.1]
  [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::10.0.0.1] [64:ff9b:1::a9fe:a9fe]
  [2002:7f00:1::] [2002:a9fe:a9fe::1] [2002:a00:1::1] [2002:c0a8:1::] [2001:0:7f00:1::] [2001::1] [2001:0:53aa:64c:0:fbff:80ff:fffe]
  [fe80::1] [febf::1] [fec0::1] [fc00::1] [fd00::1] [fd00:ec2::254] [fdff:ffff::1] [ff02::1] [ff0e::1]
  [::5efe:127.0.0.1] [fe80::5efe:10.0.0.1] [100::1] [100:0:0:1::1] [200::1] [400::1] [1000::1] [4000::1] [5f00::1] [6000::1] [8000::1] [c000::1] [f000::1]
  [2001:2::1] [2001:10::1] [2001:20::1] [2001:db8::1] [2001:1ff::1] [2620:4f:8000::1] [3fff::1] [3fff:fff:ffff::1]
  [::1%25eth0] [fe80::1%25lo] [::1]. [127.0.0.1] [::ffff:127.1] [v1.fe80::a]
`;

/** Names, with what they lead to. */
const names: Record<string, string[]> = {
  localhost: ['127.0.0.1'],
  'localhost.': ['127.0.0.1'],
  LOCALHOST: ['127.0.0.1'],
  ＬＯＣＡＬＨＯＳＴ: ['127.0.0.1'],
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ': ['127.0.0.1'],
  'loc%61lhost': ['127.0.0.1'],
  'app.localhost': ['127.0.0.1'],
  'app.localhost.': ['127.0.0.1'],
  'localhost.localdomain': ['127.0.0.1'],
  'localtest.me': ['127.0.0.1', '::1'],
  '127.0.0.1.nip.io': ['127.0.0.1'],
  '127-0-0-1.sslip.io': ['127.0.0.1'],
  'a9fea9fe.nip.io': ['169.254.169.254'],
  'metadata.google.internal': ['169.254.169.254'],
  'metadata.google.internal.': ['169.254.169.254'],
  'metadata.goog': ['169.254.169.254'],
  'instance-data.ec2.internal': ['169.254.169.254'],
  'metadata.azure.internal': ['169.254.169.254'],
  'metadata.tencentyun.com': ['169.254.0.23'],
  'metadata.alibaba.example': ['100.100.100.200'],
  'metadata.oracle.example': ['192.0.0.192'],
  'imds6.example': ['fd00:ec2::254'],
  nats: ['10.96.0.10'],
  postgres: ['10.96.0.11'],
  'connector-config': ['10.96.0.12'],
  'kubernetes.default': ['10.96.0.1'],
  'kubernetes.default.svc': ['10.96.0.1'],
  'kubernetes.default.svc.cluster.local': ['10.96.0.1'],
  'printer.local': ['192.168.1.9'],
  'db.internal': ['10.0.0.5'],
  'DB.INTERNAL': ['10.0.0.5'],
  'intranet.customer.example': ['172.20.1.1'],
  'ten.customer.example': ['10.1.2.3'],
  'link-local.customer.example': ['169.254.1.1'],
  'cgnat.customer.example': ['100.64.3.4'],
  'zero.customer.example': ['0.0.0.0'],
  'multicast.customer.example': ['224.0.0.251'],
  'six.customer.example': ['::1'],
  'mapped.customer.example': ['::ffff:10.0.0.1'],
  'nat64.customer.example': ['64:ff9b::a00:1'],
  'six-to-four.customer.example': ['2002:a00:1::'],
  'teredo.customer.example': ['2001:0:a00:1::'],
  'unique-local.customer.example': ['fd12:3456::1'],
  'compatible.customer.example': ['::a00:1'],
  'unallocated.customer.example': ['4000::1'],
  'one-of-two.customer.example': ['93.184.215.14', '10.0.0.1'],
  'two-of-two.customer.example': ['10.0.0.1', '93.184.215.14'],
  'other-family.customer.example': ['93.184.215.14', '::1'],
  'last-of-many.customer.example': ['93.184.215.14', '1.1.1.1', '8.8.8.8', '127.0.0.1'],
  'nobody.customer.example': [],
  '..': [],
};

/** Other tricks, as whole URLs. `public.example` leads to a public address: what is wrong is something else. */
const urls = `
  http://public.example/ http://public.example:443/ ftp://public.example/ gopher://public.example:443/_x file:///etc/passwd
  file://public.example/etc/passwd javascript:alert(1) data:text/html,x blob:https://public.example/x ws://public.example/ wss://public.example/
  ldap://public.example/ dict://public.example:443/ jar:https://public.example!/x view-source:https://public.example/ unix:/run/docker.sock
  https://user@public.example/ https://user:pass@public.example/ https://:pass@public.example/ https://127.0.0.1@public.example/
  https://public.example@127.0.0.1/ https://public.example:443@127.0.0.1/ https://public.example%40127.0.0.1/ https://public.example%23@127.0.0.1/
  https://public.example%00.evil.example/ https://public.example%0a.evil.example/ https://public.example\u00ad@127.0.0.1/ https:///127.0.0.1/
  https:127.0.0.1 https:/127.0.0.1/ https:\\127.0.0.1\\ https://127.0.0.1\\@public.example/
  https://127.0.0.1#@public.example/ https://127.0.0.1?@public.example/ https://public.example/#fragment https://public.example#@127.0.0.1/
  https://public.example:22/ https://public.example:25/ https://public.example:80/ https://public.example:2375/ https://public.example:4222/
  https://public.example:5432/ https://public.example:6379/ https://public.example:8080/ https://public.example:10250/ https://public.example:65535/
  https://public.example:0/ https://public.example:65536/ https://public.example:-443/ https://public.example:443x/ https://public.example:4 43/
  https:// https://. https://[ https://[] https://[::1 https://% https://%00/ //public.example/ public.example /etc/passwd
`;

const legitimate: Record<string, string[]> = {
  'https://api.cloud.im/marketplace/na': ['20.50.2.1'],
  'https://api.cloud.im:443/marketplace/eu': ['20.50.2.1'],
  'https://api.cloud.im:8443/': ['20.50.2.1'],
  'https://API.Cloud.IM./x': ['20.50.2.1'],
  'https://hooks.partner.example/isthmus': ['93.184.215.14'],
  'https://hooks.partner.example/isthmus?token=1': ['93.184.215.14'],
  'https://hooks.partner.example/a/../b': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'https://six-only.partner.example/': ['2a00:1450:4001:82f::200e'],
  'https://xn--mnchen-3ya.example/': ['5.9.10.11'],
  'https://münchen.example/': ['5.9.10.11'],
  'https://localhost.partner.example/': ['93.184.215.14'],
  'https://internal.partner.example/': ['93.184.215.14'],
  'https://10.partner.example/': ['93.184.215.14'],
  'https://127-0-0-1.partner.example/': ['93.184.215.14'],
  'https://a-b_c.partner.example/': ['93.184.215.14'],
  'https://many.partner.example/': ['1.1.1.1', '1.0.0.1', '2606:4700:4700::1111'],
  'https://mapped.partner.example/': ['::ffff:8.8.8.8'],
  // A backslash is a slash: this is a path at the public name.
  'https://partner.example\\@127.0.0.1/': ['93.184.215.14'],
  'https://1.1.1.1/': [],
  'https://8.8.8.8:8443/x': [],
  'https://172.15.255.255/': [],
  'https://172.32.0.1/': [],
  'https://192.167.255.255/': [],
  'https://192.169.0.1/': [],
  'https://169.253.0.1/': [],
  'https://11.0.0.1/': [],
  'https://9.255.255.255/': [],
  'https://100.63.255.255/': [],
  'https://100.128.0.1/': [],
  'https://126.255.255.255/': [],
  'https://128.0.0.1/': [],
  'https://223.255.255.255/': [],
  'https://[2606:4700:4700::1111]/': [],
  'https://[2a00:1450:4001:82f::200e]:8443/': [],
  'https://[2400:cb00:2048:1::c629:d7a2]/': [],
};

const decoded = (name: string): string => new URL(`https://${name}/`).hostname;
const table = new Map<string, string[]>([['public.example', ['93.184.215.14']]]);
for (const [name, addresses] of Object.entries(names)) table.set(decoded(name), addresses);
for (const [url, addresses] of Object.entries(legitimate))
  if (addresses.length > 0) table.set(new URL(url).hostname, addresses);

/** Fails for a name that is not in the table: a URL must not pass for harmless because nobody looked up what it means. */
const lookup = ((name: string, _: unknown, callback: (error: Error | null, all?: object[]) => void) => {
  const addresses = table.get(name);
  if (!addresses) return callback(new Error(`${name} is not in the table`));
  if (addresses.length === 0) return callback(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }));
  callback(
    null,
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  );
}) as unknown as typeof Lookup;

const atConnection = (url: string): Promise<string> =>
  outboundAddresses(url, { ports: rules.ports, lookup }).then(
    () => 'allowed',
    (error: { code?: string }) => {
      if (error.code === 'ERR_BLOCKED_ADDRESS') return 'blocked';
      throw error;
    },
  );
const judge = (url: string): string | Promise<string> =>
  checkOutboundUrl(url, rules).length > 0 ? 'refused' : atConnection(url);

const words = (text: string): string[] => text.trim().split(/\s+/);
const hostile = [
  ...words(literals).map((host) => `https://${host}/`),
  ...Object.keys(names).map((name) => `https://${name}/`),
  ...words(urls),
];

it('is a corpus of at least 200', () => {
  expect(new Set(hostile).size).toBeGreaterThanOrEqual(200);
  expect(Object.keys(legitimate).length).toBeGreaterThanOrEqual(30);
});

it.each(hostile)('nothing is sent to %s', async (url) => {
  expect(['refused', 'blocked']).toContain(await judge(url));
});

/** A row may have been written in another way, or the setting may have been another one at that time. */
it.each([
  ...words(literals).map((host) => `https://${host}/`),
  ...Object.keys(names).map((name) => `https://${name}/`),
])('nothing is connected to for %s, even if it was let in once', async (url) => {
  if (URL.canParse(url)) expect(await atConnection(url)).toBe('blocked');
});

it.each([22, 80, 4222, 5432, 8080])(
  'nothing is connected to at port %s of a public name, even if it was let in once',
  async (port) => {
    expect(await atConnection(`https://public.example:${port}/`)).toBe('blocked');
  },
);

it.each(Object.keys(legitimate))('%s may be used', async (url) => {
  expect(await judge(url)).toBe('allowed');
});
