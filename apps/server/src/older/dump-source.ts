import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Delivery, parseJson, type Source, type SourceReader } from '@eds/core'

/**
 * The same source, writing each message into the directory before it is delivered, as `<table>_<nanoseconds>_<event id>.json`: the
 * table and the id as far as they can be a file's name, the time when the source stored the message. What comes again is written again,
 * over itself. For looking at what comes, not for speed.
 */
export function dumping(source: Source, directory: string): Source {
  return {
    description: source.description,
    open: async (request) => {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      return dumpingReader(await source.open(request), directory)
    },
    forget: (cursor) => source.forget(cursor),
    close: () => source.close(),
  }
}

function dumpingReader(reader: SourceReader, directory: string): SourceReader {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const deliveries of reader) {
        for (const delivery of deliveries) await writeFile(join(directory, fileName(delivery)), delivery.bytes)
        yield deliveries
      }
    },
    acknowledge: (through) => reader.acknowledge(through),
    behind: () => reader.behind?.(),
    close: () => reader.close(),
  }
}

function fileName({ bytes, time, position }: Delivery): string {
  const { table = 'unknown', id = position } = factsOf(bytes)
  return `${safe(table)}_${time}000000_${safe(id)}.json`
}

function factsOf(bytes: Uint8Array): { table?: string; id?: string } {
  try {
    const { table, id } = parseJson(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>
    return { ...(typeof table === 'string' && { table }), ...(typeof id === 'string' && { id }) }
  } catch {
    return {}
  }
}

const maxNameLength = 80

function safe(text: string): string {
  return (
    text
      .replace(/[^\w.-]/g, '-')
      .replace(/^\.+/, '-')
      .slice(0, maxNameLength) || '-'
  )
}
