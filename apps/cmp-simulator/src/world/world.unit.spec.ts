import { worldSize } from './world.ts';

it('reads a size the way the environment writes it', () => {
  expect(worldSize('sized:10000:40000')).toEqual({ customers: 10000, subscriptions: 40000, products: 0 });
  expect(worldSize('sized:10:40:2000')).toEqual({ customers: 10, subscriptions: 40, products: 2000 });
  expect(worldSize({ customers: 3, subscriptions: 9 })).toEqual({
    customers: 3,
    subscriptions: 9,
    products: 0,
  });
});

it('names the forms it knows when it cannot read one', () => {
  expect(() => worldSize('big')).toThrow('sized:CUSTOMERS:SUBSCRIPTIONS');
  expect(() => worldSize('sized:0:5')).toThrow('at least one customer');
});
