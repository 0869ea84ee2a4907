import { connect } from '@nats-io/transport-node';

/**
 * Hears what subscription-lifecycle says from now on, and prints it.
 * @param {string} nats address
 * @param {(line: string) => void} say
 */
export async function startOrderEar(nats, say) {
  const connection = await connect({ servers: nats });
  const heard = [];
  connection.subscribe('subscription-lifecycle.>', {
    callback(error, message) {
      if (error) return;
      const data = message.json();
      const traceId = message.headers?.get('traceparent').split('-')[1];
      heard.push({ subject: message.subject, traceId, data });
      if (data.orderId) say(`   ◂ ${message.headers?.get('ce-time')}  ${message.subject}  ${inWords(data)}`);
    },
  });
  await connection.flush();
  return { heard, stop: () => connection.close() };
}

const inWords = ({ kind, cmpOrderNumber, cmpSubscriptionId, seats, reason }) =>
  [
    kind,
    cmpOrderNumber && `CMP order ${cmpOrderNumber}`,
    cmpSubscriptionId && `subscription ${cmpSubscriptionId}`,
    seats && `${seats} seats`,
    reason && `${reason.code}: ${reason.detail}`,
  ]
    .filter(Boolean)
    .join('  ');
