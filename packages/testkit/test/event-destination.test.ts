import { type Driver, type DriverDefinition, decodeEvent, defineDriver, EdsError } from '@eds/core'
import { ContractViolation, DriverCaseContext, driverCases, runCase, testDriver } from '@eds/testkit'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

/** A log in memory: what a driver for a topic or a file does. */
function logDriver(log: Buffer[], store: (log: Buffer[], bytes: Buffer) => void): DriverDefinition<{ topic: string }> {
  return defineDriver({
    apiVersion: 1,
    name: 'log',
    title: 'Log',
    description: 'Keeps events in memory',
    exampleUrl: 'log://topic',
    schemes: ['log'],
    config: z.object({ topic: z.string() }),
    parse: (url) => ({ topic: url.slice('log://'.length) }),
    format: ({ topic }) => `log://${topic}`,
    traits: () => ({
      maxBatchEvents: 500,
      maxBatchBytes: 2 ** 20,
      maxInFlight: 1,
      lingerMs: 0,
      ordering: 'key',
      redelivery: 'duplicates',
      compaction: false,
      batches: 'free',
      start: 'resume',
    }),
    create: (): Driver => ({
      connect: async () => {},
      close: async () => {},
      async write({ events }, signal) {
        if (signal.aborted) throw new EdsError('timeout', 'the write was aborted')
        for (const { bytes } of events) store(log, Buffer.from(bytes))
        return {}
      },
    }),
  })
}

async function* stored(log: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* log
}

/** Forgets the events of a table. */
function dropFrom(log: Buffer[], table: string): void {
  const kept = log.filter((bytes) => decodeEvent({ position: '', bytes, time: 0 }).table !== table)
  log.splice(0, log.length, ...kept)
}

const log: Buffer[] = []

testDriver({
  title: 'a destination that keeps events',
  definition: logDriver(log, (all, bytes) => all.push(bytes)),
  url: 'log://conformance',
  readEvents: () => stored(log),
  shopEvents: 500,
  drop: async (table) => dropFrom(log, table),
})

describe('a destination that keeps events and breaks its contract', () => {
  it.each([
    [
      'drops an event',
      (all: Buffer[], bytes: Buffer) => bytes.includes('change-3"') || all.push(bytes),
      /not in the destination/,
    ],
    ['stores an event twice', (all: Buffer[], bytes: Buffer) => all.push(bytes, bytes), /more than once/],
    ['reverses', (all: Buffer[], bytes: Buffer) => all.unshift(bytes), /out of order/],
    [
      'writes other bytes',
      (all: Buffer[], bytes: Buffer) => all.push(Buffer.concat([bytes, Buffer.from(' ')])),
      /should not/,
    ],
  ] as const)('%s', async (_, store, message) => {
    const own: Buffer[] = []
    const definition = logDriver(own, (all, bytes) => void store(all, bytes))
    const options = { definition, url: 'log://broken', readEvents: () => stored(own) }
    const meant = driverCases.find(({ name }) => name === 'order: many changes of a row in one batch end at the last')
    const result = await runCase(meant!, (name) => DriverCaseContext.open(options, name))
    expect(result).toMatchObject({ outcome: 'broken', error: expect.any(ContractViolation) })
    expect(String(result.outcome === 'broken' && result.error)).toMatch(message)
  })

  it('never finds its way back once its log was removed', async () => {
    const own: Buffer[] = []
    let gone = false
    const definition = logDriver(own, (all, bytes) => {
      if (gone) throw new EdsError('configuration', 'there is no log')
      all.push(bytes)
    })
    const drop = async (table: string) => {
      dropFrom(own, table)
      gone = true
    }
    const options = { definition, url: 'log://broken', readEvents: () => stored(own), drop }
    const meant = driverCases.find(({ name }) => name.startsWith('dropped: what holds the events of a table'))
    const result = await runCase(meant!, (name) => DriverCaseContext.open(options, name))
    expect(result).toMatchObject({ outcome: 'broken', error: expect.any(ContractViolation) })
    expect(String(result.outcome === 'broken' && result.error)).toMatch(
      /rejected with something final.*there is no log/,
    )
  })
})
