import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { Problem } from '../http/problem.ts';
import { documentOf } from '../start.ts';
import { ServiceEnv } from '../config.ts';
import { runNotes, type RunningNotes } from '../../test/notes.fixture.ts';
import { AllowApiKey, type ApiKeyVerifier, CurrentKey, type KeyHolder } from './access.ts';
import { UnguardedRoutes } from './guard-routes.ts';

@Injectable()
class TwoKeys implements ApiKeyVerifier {
  verify(key: string | undefined): Promise<KeyHolder> {
    if (key === 'right') return Promise.resolve({ tenantId: 'a', subject: 'key of a' });
    return Promise.reject(new Problem({ status: 403, type: 'api-key', title: key ? 'Wrong' : 'Missing' }));
  }
}

@AllowApiKey()
@Controller('doors')
class Doors {
  @Get()
  whose(@CurrentKey() holder: KeyHolder): KeyHolder {
    return holder;
  }
}

@Module({ controllers: [Doors], providers: [TwoKeys] })
class DoorsModule {}

const apiKeys = { header: 'the-key', verifier: TwoKeys };
let notes: RunningNotes;
beforeAll(async () => {
  notes = await runNotes({ module: DoorsModule, apiKeys });
});
afterAll(() => notes.close());

const knock = (headers: Record<string, string>, token: string | null = null) =>
  notes.call('GET', '/doors', { token, headers });

it('lets in whom the verifier knows, and tells the route who it is', async () => {
  expect(await knock({ 'the-key': 'right' })).toMatchObject({
    status: 200,
    body: { tenantId: 'a', subject: 'key of a' },
  });
});

it('answers what the verifier says of a wrong and of a missing key; a token is no key', async () => {
  expect(await knock({ 'the-key': 'Right' })).toMatchObject({ status: 403, body: { title: 'Wrong' } });
  const token = await notes.issuer.token();
  expect(await knock({}, token)).toMatchObject({ status: 403, body: { title: 'Missing' } });
});

it('does not start when a route wants a key and the service has none', async () => {
  await expect(runNotes({ module: DoorsModule })).rejects.toThrow(UnguardedRoutes);
});

it('is in the API document', async () => {
  const options = { service: 'doors', module: DoorsModule, config: ServiceEnv, apiKeys };
  const document = await documentOf(options);
  expect(document.paths['/doors']?.get?.security).toEqual([{ apiKey: [] }]);
  expect(document.components?.securitySchemes).toMatchObject({ apiKey: { in: 'header', name: 'the-key' } });
});
