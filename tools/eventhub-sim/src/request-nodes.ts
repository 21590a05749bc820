import type { Message } from 'rhea'
import type { EventStore } from './event-store.js'
import { type SasPolicy, sasFault } from './sas-token.js'

type Reply = Pick<Message, 'body' | 'application_properties'>

/** Answers a `put-token` at `$cbs`, and says which resource the client may use from now on. */
export function putToken(request: Message, policy: SasPolicy): { reply: Reply; audience?: string } {
  const { operation, name } = request.application_properties ?? {}
  if (operation !== 'put-token') return { reply: status(400, `BadRequest: the operation ${operation} is unknown`) }
  const audience = String(name)
  const fault = sasFault(String(request.body), audience, policy, Date.now())
  if (fault !== undefined) return { reply: status(401, fault, 'amqp:unauthorized-access') }
  return { reply: status(202, 'Accepted'), audience }
}

/** Answers a `READ` at `$management` about the hub or one of its partitions. */
export function readRuntime(request: Message, hub: string, store: EventStore): Reply {
  const { operation, name, type, partition } = request.application_properties ?? {}
  if (operation !== 'READ') return status(501, `the operation ${operation} is unknown`, 'amqp:not-implemented')
  if (name !== hub) return status(404, `The messaging entity '${name}' could not be found.`, 'amqp:not-found')
  if (type === 'com.microsoft:eventhub') return { ...status(200, 'OK'), body: describeHub(hub, store) }
  const number = Number(partition)
  if (type !== 'com.microsoft:partition' || !(number < store.count)) {
    return status(400, `The partition ${partition} does not exist.`, 'com.microsoft:argument-out-of-range')
  }
  return { ...status(200, 'OK'), body: describePartition(hub, store, number) }
}

function describeHub(hub: string, store: EventStore): object {
  return {
    name: hub,
    type: 'com.microsoft:eventhub',
    created_at: new Date(0),
    partition_count: store.count,
    partition_ids: Array.from({ length: store.count }, (_, number) => String(number)),
    georeplication_factor: 1,
  }
}

function describePartition(hub: string, store: EventStore, number: number): object {
  const last = store.partition(number).at(-1)
  return {
    name: hub,
    type: 'com.microsoft:partition',
    partition: String(number),
    begin_sequence_number: 0,
    last_enqueued_sequence_number: store.enqueued(number) - 1,
    last_enqueued_offset: last?.offset ?? '-1',
    last_enqueued_time_utc: new Date(last?.enqueuedTime ?? 0),
    is_partition_empty: store.enqueued(number) === 0,
  }
}

function status(code: number, description: string, condition?: string): Reply {
  const properties = { 'status-code': code, 'status-description': description }
  return {
    body: null,
    application_properties: condition === undefined ? properties : { ...properties, 'error-condition': condition },
  }
}
