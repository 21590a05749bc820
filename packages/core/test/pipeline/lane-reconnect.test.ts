import { describe, expect, it } from 'vitest'
import { createPipeline, EdsError, sink } from '../../src/index.js'
import { Destination, delivery, driverOf, eventText, MemorySource } from './memory-world.js'

const ten = Array.from({ length: 10 }, (_, index) => delivery(index + 1, eventText({ id: `e${index + 1}` })))
const retry = { baseMs: 1, maxMs: 2 }

describe('when the connection breaks while tables are prepared', () => {
  it('connects again before the next attempt', async () => {
    let connections = 0
    let prepared = 0
    const destination = new Destination()
    const driver = driverOf(destination.write, {
      connect: async () => {
        connections++
      },
      schema: {
        prepare: async () => {
          if (connections < 2) throw new EdsError('connection', 'the connection is broken')
          prepared++
          return []
        },
      },
    })
    await createPipeline({ source: new MemorySource(ten), retry, sinks: [sink(driver, {})] }).run()
    expect(prepared).toBe(1)
    expect(connections).toBe(2)
    expect(destination.events).toHaveLength(10)
  })
})
