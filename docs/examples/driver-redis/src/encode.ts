import { type ChangeEvent, partitionKeyOf } from '@eds/core'

export interface StreamOptions {
  readonly prefix: string
  readonly maxLength?: number | undefined
}

/**
 * The command that appends an event to the stream of its table (https://redis.io/docs/latest/commands/xadd/): `event` holds its bytes as
 * the source sent them, `key` is the same for all changes of a row.
 */
export function encodeCommand(event: ChangeEvent, { prefix, maxLength }: StreamOptions): (string | Buffer)[] {
  const { buffer, byteOffset, byteLength } = event.bytes
  const limit = maxLength === undefined ? [] : ['MAXLEN', '~', String(maxLength)]
  const fields = ['key', partitionKeyOf(event), 'event', Buffer.from(buffer, byteOffset, byteLength)]
  return ['XADD', prefix + event.table, ...limit, '*', ...fields]
}
