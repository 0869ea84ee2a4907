import { eventually } from '@isthmus/testing';
import { runTraced, valueOf as value } from '../../test/traced.fixture.ts';

let service: Awaited<ReturnType<typeof runTraced>>;
beforeAll(async () => {
  service = await runTraced(1);
});
afterAll(() => service.stop());

const traceId = '0af7651916cd43dd8448eb211c80319c';
const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };

it('the trace of a stranger is linked to, not continued; that of an authenticated caller is continued', async () => {
  await service.call('GET', '/v1/traced/1', headers);
  const refused = await eventually(() => service.spans.find(({ name }) => name === 'GET /v1/traced/:id'));
  expect(refused.traceId).not.toBe(traceId);
  expect(refused.parentSpanId ?? '').toBe('');
  expect(refused.links).toMatchObject([{ traceId, spanId: 'b7ad6b7169203331' }]);
  expect(value(refused, 'isthmus.problem.type')?.stringValue).toContain('unauthenticated');
  expect(value(refused, 'http.response.status_code')).toEqual({ intValue: 401 });
  expect(service.spans.filter((span) => span.traceId === traceId)).toEqual([]);

  await service.call('GET', '/v1/traced/1', { ...headers, authorization: `Bearer ${service.token}` });
  const continued = await eventually(() => service.spans.find((span) => span.traceId === traceId));
  expect(continued).toMatchObject({ name: expect.any(String) });
  const served = await eventually(() =>
    service.spans.find((span) => span.traceId === traceId && span.name === 'GET /v1/traced/:id'),
  );
  expect(served.parentSpanId).toBe('b7ad6b7169203331');
  expect(served.links ?? []).toEqual([]);
});

it('a caller without the role is known all the same, and its trace is continued', async () => {
  const other = '1af7651916cd43dd8448eb211c80319d';
  await service.call('GET', '/v1/traced/1', {
    authorization: `Bearer ${service.tokenWithoutRole}`,
    traceparent: `00-${other}-b7ad6b7169203331-01`,
  });
  const refused = await eventually(() => service.spans.find((span) => span.traceId === other));
  expect(value(refused, 'http.response.status_code')).toEqual({ intValue: 403 });
});
