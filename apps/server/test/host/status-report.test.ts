import { describe, expect, it } from 'vitest'
import { RateMeter } from '../../src/host/rate-meter.js'
import { type ReportFacts, statusReport } from '../../src/host/status-report.js'
import { lane } from './lane.js'

const facts: ReportFacts = {
  version: '1.2.3',
  startedAt: 1_000,
  shuttingDown: false,
  now: 61_000,
  destinations: new Map([['orders', 'file:///out']]),
  rates: new Map([['orders', 12.5]]),
}

describe('statusReport', () => {
  it.each([
    ['ok', [lane()], false],
    ['ok', [lane({ state: 'paused' })], false],
    ['ok', [lane({ state: 'stopped' })], false],
    ['degraded', [lane(), lane({ sink: 'b', state: 'retrying' })], false],
    ['degraded', [lane({ state: 'stopped', error: { code: 'gap', message: 'x', at: 1 } })], false],
    ['ok', [lane({ error: { code: 'timeout', message: 'x', at: 1 } })], false],
    ['shutting down', [lane({ state: 'retrying' })], true],
  ] as const)('is %s', (status, lanes, shuttingDown) => {
    expect(statusReport(lanes, { ...facts, shuttingDown }).status).toBe(status)
  })

  it('tells lag, rate and the last error of each sink', () => {
    const error = { code: 'timeout', message: 'no answer', at: 60_000 } as const
    const status = lane({
      state: 'retrying',
      since: 51_000,
      pendingEvents: 10,
      behindEvents: 90,
      oldestPendingTime: 58_500,
      position: '42',
      positionTime: 58_000,
      error,
    })
    const report = statusReport([status], facts)
    expect(report).toMatchObject({ version: '1.2.3', uptimeMs: 60_000 })
    expect(report.sinks).toEqual([
      {
        name: 'orders',
        driver: 'file',
        destination: 'file:///out',
        state: 'retrying',
        stateMs: 10_000,
        lagEvents: 100,
        lagSeconds: 2.5,
        eventsPerSecond: 12.5,
        totalEvents: 0,
        skippedEvents: 0,
        retries: 0,
        deadLetters: 0,
        position: '42',
        positionTime: 58_000,
        lastError: error,
      },
    ])
  })
})

describe('RateMeter', () => {
  it('measures over the last ten seconds', () => {
    const meter = new RateMeter()
    for (let second = 0; second <= 20; second++) meter.sample('a', second * 100, second * 1_000)
    expect(meter.rates.get('a')).toBeCloseTo(100)
    for (let second = 21; second <= 32; second++) meter.sample('a', 2_000, second * 1_000)
    expect(meter.rates.get('a')).toBe(0)
  })

  it('says nothing before it has seen two samples', () => {
    const meter = new RateMeter()
    meter.sample('a', 5_000, 1_000)
    expect(meter.rates.get('a')).toBe(0)
  })
})
