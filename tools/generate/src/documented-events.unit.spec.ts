import { standalone } from './documented-events.mjs';

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const schemas = {
  Order: {
    type: 'object',
    properties: { total: ref('Money'), parts: { type: 'array', items: ref('Part') } },
  },
  Part: { properties: { parts: { type: 'array', items: ref('Part') }, price: ref('Money') } },
  Money: { properties: { amount: { type: 'string' } } },
  Other: { properties: {} },
};

it('takes what a schema refers to into the document, also what refers to itself, and nothing else', () => {
  const inside = (name: string) => ({ $ref: `#/$defs/${name}` });
  expect(standalone('Order', schemas)).toEqual({
    type: 'object',
    properties: { total: inside('Money'), parts: { type: 'array', items: inside('Part') } },
    $defs: {
      Money: schemas.Money,
      Part: { properties: { parts: { type: 'array', items: inside('Part') }, price: inside('Money') } },
    },
  });
  expect(standalone('Money', schemas)).toEqual(schemas.Money);
});
