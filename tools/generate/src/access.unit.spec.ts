import { join } from 'node:path';
import { contractOf, eventContracts, nameOf, requestContracts, serviceAccess } from '@isthmus/contracts';
import { everyContract, type Use, usesOf } from './event-map.mjs';

let uses: Use[];
beforeAll(async () => {
  uses = await usesOf(join(import.meta.dirname, '../../..'));
});

describe.each(Object.entries(serviceAccess()))('%s', (service, { consumes, watches, requests }) => {
  const used = (verb: Use['verb']) => {
    const own = uses.filter((use) => use.service === service && use.verb === verb);
    return [...new Set(own.map(({ contract }) => String(contract)))];
  };
  const names = (contracts: readonly { name: string }[]) => sorted(contracts.map(({ name }) => name));

  it('consumes what the table lists, and the table lists nothing else', () => {
    const every = used('On').includes(String(everyContract));
    const handled = every ? names(eventContracts().map(({ type }) => type)) : sorted(used('On'));
    expect(names(consumes)).toEqual(handled);
  });

  it('watches what the table lists, and the table lists nothing else', () => {
    expect(names(watches)).toEqual(sorted(used('watch')));
  });

  it('sends no request that the table does not list', () => {
    expect(used('request').filter((name) => !names(requests).includes(name))).toEqual([]);
  });

  it('responds to every request of its own, and to no other', () => {
    const own = requestContracts().filter((contract) => contract.service === service);
    expect(sorted(used('RespondTo'))).toEqual(names(own.map(({ type }) => type)));
  });

  it('watches and requests what is others’', () => {
    const foreign = [...watches, ...requests].map((type) => nameOf(contractOf(type)));
    const own = foreign.filter((name) => name.includes(`${service}.`));
    expect(own).toEqual(service === 'account-sync' ? [answeredByItsWorker] : []);
  });
});

/** account-sync is two programs, and only its worker may call CMP. */
const answeredByItsWorker = 'rpc.account-sync.create-provider-account';

const sorted = (names: string[]) => names.toSorted((a, b) => a.localeCompare(b));
