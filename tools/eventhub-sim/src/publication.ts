import rhea, { type Message } from 'rhea'

/** https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide: each data section is a message. */
const batchFormat = 0x80013700

export interface Publication {
  readonly messages: readonly Buffer[]
  readonly partitionKey: string | undefined
  readonly bytes: number
}

/** A transfer's events, each as its own encoded message. The library leaves transfers of other formats than 0 as they came. */
export function publicationOf(transfer: Message | Buffer, format: number): Publication {
  const encoded = Buffer.isBuffer(transfer) ? transfer : rhea.message.encode(transfer)
  const message = rhea.message.decode(encoded)
  const key: unknown = message.message_annotations?.['x-opt-partition-key']
  return {
    messages: format === batchFormat ? sectionsOf(message.body) : [encoded],
    partitionKey: key === undefined || key === null ? undefined : String(key),
    bytes: encoded.length,
  }
}

function sectionsOf(body: { readonly content?: unknown }): readonly Buffer[] {
  const { content } = body
  const sections: readonly unknown[] = Array.isArray(content) ? content : [content]
  return sections.filter((section) => Buffer.isBuffer(section))
}
