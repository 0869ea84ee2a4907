import { runQuoting } from '../../test/neighbours.fixture.ts';

let quoting: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  quoting = await runQuoting({ ATTESTATION_NEEDED: 'yes' });
});
afterAll(() => quoting?.stop());

it('a purchase that our own setting wants attested is refused at once while nobody recorded it', async () => {
  const refused = await quoting.place(quoting.purchase());
  expect(refused).toMatchObject({
    status: 422,
    body: {
      type: 'urn:isthmus:problem:order.attestation-needed',
      nextStep: expect.stringContaining(`PUT /v1/connectors/${quoting.connectorId}/partner-attestation`),
    },
  });
  expect((await quoting.quote(quoting.purchase())).body.refused.code).toBe('attestation-needed');
  // Another vendor has nobody to be the partner of.
  expect((await quoting.place(quoting.addOn(3))).status).toBe(202);
});

it('carries the attestation once it is recorded, unless a person gave another one', async () => {
  quoting.known.partnerAttestation = { by: 'jane', at: '2026-11-01T00:00:00Z' };
  const placed = await quoting.place(quoting.purchase());
  expect(placed.status).toBe(202);
  const { spec } = await quoting.read(placed.body.id);
  expect((spec as { parameters: object[] }).parameters).toContainEqual({
    name: 'partner_on_record_attestation_accepted',
    structured_value: { attestation_accepted: true },
  });
  const wanted = quoting.purchase();
  const denied = {
    name: 'partner_on_record_attestation_accepted',
    structured_value: { attestation_accepted: false },
  };
  const refused = await quoting.place({ ...wanted, parameters: [...wanted.parameters, denied] });
  expect(refused.body.errors).toMatchObject([{ field: 'parameters.partner_on_record_attestation_accepted' }]);
});
