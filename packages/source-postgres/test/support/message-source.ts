import { type Delivery, decodeEvent, type Source, type SourceReader } from '@eds/core'

/** The source with its events replaced by the text in the column `message` of their rows: the suite speaks of messages. */
export function messageSource(source: Source): Source {
  return {
    description: source.description,
    open: async (request) => messageReader(await source.open(request)),
    forget: (cursor) => source.forget(cursor),
    close: () => source.close(),
  }
}

function messageReader(reader: SourceReader): SourceReader {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const chunk of reader) yield chunk.map(messageOf)
    },
    acknowledge: (through) => reader.acknowledge(through),
    behind: () => reader.behind?.(),
    close: () => reader.close(),
  }
}

function messageOf(delivery: Delivery): Delivery {
  return { ...delivery, bytes: Buffer.from(String(decodeEvent(delivery).after?.message)) }
}
