import { type Bug, withEvents } from './bug.ts';

/** Mistakes between a commit in one service and its effect in another: outbox, relay, broker and inbox. */
export const eventBugs: readonly Bug[] = [
  {
    name: 'said-before-stored',
    mistake: 'What becomes of an order is said before it is stored, outside the transaction.',
    world(right, store) {
      const { emit } = store;
      const save = store.save.bind(store);
      store.save = (claimed, next, more) => {
        emit(claimed.order, next, claimed.version + 1);
        store.emit = () => undefined;
        try {
          return save(claimed, next, more);
        } finally {
          store.emit = emit;
        }
      };
      return right;
    },
  },
  {
    name: 'relay-saves-first',
    mistake: 'The relay stores how far it has come before the broker has what was said.',
    world: (right) => withEvents(right, { relaySaves: 'before-publishing' }),
  },
  {
    name: 'ack-before-commit',
    mistake: 'A message is acknowledged when it is taken in hand, not when its effect is committed.',
    world: (right) => withEvents(right, { acknowledges: 'before-commit' }),
  },
  {
    name: 'inbox-forgets',
    mistake: 'Whether a message was handled before is not looked up.',
    world: (right) =>
      withEvents(right, {
        once: async (note, effect) => {
          await note();
          await effect();
        },
      }),
  },
  {
    name: 'older-version-applied',
    mistake: 'Events are applied in the order in which they arrive.',
    world: (right) => withEvents(right, { isOlder: () => false }),
  },
];
