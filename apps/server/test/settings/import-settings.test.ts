import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readImportSettings } from '../../src/settings/import.js'
import { temporaryFolder } from '../eds.js'
import { commandCall } from './command-call.js'

const apiKey = ['x', Buffer.from('{"iss":"https://hq.example"}').toString('base64url'), 'x'].join('.')

function read(options: Record<string, unknown>, config = '', environment: Record<string, string> = {}) {
  const workingDirectory = temporaryFolder()
  mkdirSync(join(workingDirectory, 'data'))
  writeFileSync(join(workingDirectory, 'data/config.toml'), config)
  const call = commandCall({ options: { url: ['file:///tmp/out'], ...options }, environment, workingDirectory })
  return readImportSettings(call)
}

describe('the settings of an import', () => {
  it('take the key and the destination from config.toml, and the schemas from HQ', async () => {
    const config = `token = "${apiKey}"\nurl = "file:///tmp/elsewhere"`
    expect(await read({ url: undefined }, config)).toMatchObject({
      urls: [{ url: 'file:///tmp/elsewhere' }],
      origin: { kind: 'hq', hq: { apiKey } },
      schema: { kind: 'http', baseUrl: 'https://hq.example' },
      scope: 'all',
      cleanup: true,
      confirm: true,
      replace: true,
    })
  })

  it('take the key from the environment, and another address and other schemas when they are given', async () => {
    const options = { apiUrl: 'http://localhost:1', schema: 'schemas.json', jobId: 'job-1', cleanup: false }
    expect(await read(options, '', { SM_APIKEY: 'key' })).toMatchObject({
      origin: { kind: 'hq', jobId: 'job-1', hq: { apiUrl: 'http://localhost:1' } },
      schema: { kind: 'file' },
      cleanup: false,
    })
  })

  it('load a folder without HQ, with its schemas where there is a key', async () => {
    const origin = { kind: 'directory', path: '/exported' }
    expect(await read({ dir: '/exported' })).toMatchObject({ origin, schema: { kind: 'inferred' } })
    expect(await read({ dir: '/exported', apiKey })).toMatchObject({ origin, schema: { kind: 'http' } })
  })

  it('need neither to test the destination', async () => {
    expect(await read({ validateOnly: true })).toMatchObject({ origin: { kind: 'none' }, confirm: false })
  })

  it.each([
    ['2024-07-01T12:00:00Z', '2024-07-01T12:00:00.000Z'],
    ['2024-07-01t12:00:00.25+02:00', '2024-07-01T10:00:00.250Z'],
  ])('read the time %s', async (timeOffset, time) => {
    expect(await read({ apiKey, timeOffset })).toMatchObject({ origin: { timeOffset: Date.parse(time) } })
  })

  it.each([
    [{}, 'there is no API key to ask HQ for an export'],
    [{ apiKey, timeOffset: '2024-07-01' }, '--timeOffset "2024-07-01" must be a time such as'],
    [{ apiKey, timeOffset: '2024-17-01T12:00:00Z' }, 'must be a time such as'],
    [{ dir: 'x', jobId: 'y' }, '--dir and --job-id exclude each other'],
    [{ dir: 'x', dryRun: true, schemaOnly: true }, '--dry-run and --schema-only exclude each other'],
    [{ url: ['file:///a', 'file:///b'], dir: 'x' }, 'an import has one destination'],
  ])('refuse %j', async (options, message) => {
    await expect(read(options)).rejects.toThrow(message)
  })
})
