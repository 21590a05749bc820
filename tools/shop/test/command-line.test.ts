import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { main } from '../src/command-line.js'
import { shopEvents, shopSchemas } from '../src/index.js'

async function shop(...args: string[]) {
  const output = new PassThrough()
  const errors = new PassThrough()
  const collected = Promise.all([text(output), text(errors)])
  const code = await main(args, output, errors)
  output.end()
  errors.end()
  const [written, complaints] = await collected
  return { code, output: written, errors: complaints }
}

describe('shop', () => {
  it('writes events as JSON lines', async () => {
    const { code, output } = await shop(
      'events',
      '--seed',
      '9',
      '--events',
      '100',
      '--values',
      'hostile',
      '--mix',
      '50,40,10',
    )
    const mix = { insert: 50, update: 40, delete: 10 }
    const events = [...shopEvents({ seed: 9, events: 100, values: 'hostile', mix })]
    expect(code).toBe(0)
    expect(output).toBe(events.map(({ bytes }) => `${bytes}\n`).join(''))
  })

  it('passes every option on', async () => {
    const { output } = await shop(
      ...['events', '--events', '50', '--companies', '1', '--tables', 'order,label', '--partial-updates', '0.5'],
      ...['--row-bytes', 'small', '--start-time', '1000000000000', '--live-rows', '20'],
    )
    const options = { companies: 1, tables: ['order', 'label'], partialUpdates: 0.5, startTime: 1e12, liveRows: 20 }
    const events = [...shopEvents({ seed: 1, events: 50, rowBytes: 'small', ...options })]
    expect(output).toBe(events.map(({ bytes }) => `${bytes}\n`).join(''))
  })

  it.each([[['--help']], [['export', '--help']], [['events', '-h']]])('%j tells what there is', async (args) => {
    const { code, output, errors } = await shop(...args)
    expect([code, errors]).toEqual([0, ''])
    expect(output).toMatch(/^usage:\n {2}shop events .*\n {2}shop export .*import files\n$/s)
  })

  it('writes the schemas', async () => {
    const { output } = await shop('schemas', '--tables', 'order')
    expect(JSON.parse(output)).toEqual(shopSchemas({ tables: ['order'] }).document())
    const all = await shop('schemas', '--all-versions', '--row-bytes', 'small')
    expect(JSON.parse(all.output)).toEqual(shopSchemas({ rowBytes: 'small' }).versions)
  })

  it('writes an export', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'shop-command-'))
    const { code, output } = await shop('export', '--dir', dir, '--rows', '10', '--tables', 'order,label')
    expect(code).toBe(0)
    expect(JSON.parse(output)).toEqual({ files: 2, rows: { order: 9, label: 1 } })
    expect(await readdir(dir)).toHaveLength(2)
    await rm(dir, { recursive: true })
  })

  it.each([
    ['no command', []],
    ['no command "sell"', ['sell']],
    ['--dir', ['export']],
    ['--seed', ['events', '--seed', 'one']],
    ['--values', ['events', '--values', 'odd']],
    ['--mix', ['events', '--mix', '1,2']],
    ['--partial-updates', ['events', '--partial-updates', '1.5']],
    ['no table "orders"', ['events', '--tables', 'orders']],
    ['no table "orders"', ['schemas', '--tables', 'orders']],
    ['no table "orders"', ['export', '--dir', 'never-made', '--tables', 'orders']],
    ['--colour', ['events', '--colour', 'red']],
  ])('refuses wrong usage with the reason: %s', async (reason, args) => {
    const { code, output, errors } = await shop(...args)
    expect(code).toBe(3)
    expect(output).toBe('')
    expect(errors).toContain(reason)
    expect(errors).toContain('usage:')
  })

  it('says why it could not write', async () => {
    const { code, errors } = await shop('export', '--dir', join(import.meta.filename, 'sub'))
    expect(code).toBe(1)
    expect(errors).toMatch(/ENOTDIR|EEXIST/)
  })
})
