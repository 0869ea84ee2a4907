import type { ClientBase } from 'pg';
import type { StreamMark } from './outbox-relay-state.entity.ts';

export interface RelayState {
  position: number;
  streams: Record<string, StreamMark>;
}

export async function loadRelayState(client: ClientBase): Promise<RelayState> {
  const { rows } = await client.query<RelayState>(
    'select position::float8 as position, streams from outbox_relay where id = 1',
  );
  return rows[0] ?? { position: 0, streams: {} };
}

export async function saveRelayState(client: ClientBase, { position, streams }: RelayState): Promise<void> {
  await client.query({
    name: 'isthmus-save-relay-state',
    text: `insert into outbox_relay (id, position, streams, updated_at) values (1, $1, $2, now())
      on conflict (id) do update set position = excluded.position, streams = excluded.streams, updated_at = now()`,
    values: [position, JSON.stringify(streams)],
  });
}
