import { defineDriver, type Sink } from '@eds/core'
import { z } from 'zod'

/**
 * The sink without its destination: it takes every event and writes none. Its name is another, so that what the real one remembers is
 * not touched: neither its position nor its consumer.
 */
export function dryRunSink(sink: Sink): Sink {
  const { schemes, title, exampleUrl, name } = sink.definition
  const definition = defineDriver({
    apiVersion: 1,
    name,
    title: `${title} (dry run)`,
    description: 'Takes every event and writes none.',
    exampleUrl,
    schemes,
    config: z.unknown(),
    parse: (url) => url,
    format: () => exampleUrl,
    traits: () => sink.definition.traits(sink.config),
    create: () => ({
      connect: async () => {},
      write: async () => ({}),
      close: async () => {},
    }),
  })
  return { ...sink, name: `${sink.name}-dry-run`, definition }
}
