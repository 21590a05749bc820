import { configFromForm, isEdsError, parseSinkConfig, parseSinkUrl } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { parseDuration, parseSize } from '../src/config.js'
import file from '../src/index.js'

function refusal(url: string): string {
  try {
    parseSinkUrl(file, url)
  } catch (error) {
    if (isEdsError(error) && error.code === 'configuration') return error.message
    throw error
  }
  throw new Error(`${url} was accepted`)
}

describe('URL', () => {
  it.each([
    ['file:///data/events', { directory: '/data/events', format: 'json' }],
    ['file://localhost/data/events', { directory: '/data/events', format: 'json' }],
    ['file:///data/my%20events', { directory: '/data/my events', format: 'json' }],
    ['file:///data/my events#1', { directory: '/data/my events#1', format: 'json' }],
    ['file:///data?format=ndjson', { directory: '/data', format: 'ndjson' }],
    [
      'file:///data?format=ndjson&rotate-size=128MB&rotate-interval=1h30m',
      { directory: '/data', format: 'ndjson', rotateSize: '128MB', rotateInterval: '1h30m' },
    ],
  ])('%s', (url, config) => {
    expect(parseSinkUrl(file, url)).toEqual(config)
    expect(parseSinkUrl(file, file.format(parseSinkUrl(file, url)))).toEqual(config)
  })

  it.each([
    ['file:///', /root directory/],
    ['file:////', /root directory/],
    ['file:///data/..', /root directory/],
    ['file://', /absolute path/],
    ['file://data/events', /names a host/],
    ['file://user@localhost/data', /names a host/],
    ['file:///data%00', /NUL/],
    [`file:///${'x'.repeat(3_001)}`, /3,000 bytes/],
    ['file:///data?format=csv', /format/],
    ['file:///data?colour=red', /unknown parameter "colour"/],
    ['file:///data?rotate-size=128MB', /need format=ndjson/],
    ['file:///data?format=ndjson&rotate-size=big', /must be a size/],
    ['file:///data?format=ndjson&rotate-interval=0s', /must be a duration/],
  ])('refuses %s', (url, reason) => {
    expect(refusal(url)).toMatch(reason)
  })
})

it('takes a configuration object and refuses what it does not know', () => {
  expect(parseSinkConfig(file, { directory: '/data' })).toEqual({ directory: '/data', format: 'json' })
  expect(() => parseSinkConfig(file, { directory: 'data' })).toThrow(/absolute/)
  expect(() => parseSinkConfig(file, { directory: '/data', colour: 'red' })).toThrow(/colour/)
})

it('is filled in by the form field Directory', () => {
  expect(configFromForm(file, { Directory: '/data' })).toEqual({ config: { directory: '/data', format: 'json' } })
  expect(configFromForm(file, {})).toEqual({ fieldErrors: [{ field: 'Directory', error: 'is required' }] })
  expect(configFromForm(file, { Directory: '/' })).toEqual({
    fieldErrors: [{ field: 'Directory', error: 'must not be the root directory' }],
  })
})

it.each([
  ['1', 1],
  ['128MB', 128e6],
  ['128 mb', 128e6],
  ['1GiB', 2 ** 30],
  ['64KiB', 65_536],
  ['0', undefined],
  ['0MB', undefined],
  ['1XB', undefined],
  ['-1MB', undefined],
  ['', undefined],
])('parseSize %j', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

it.each([
  ['250ms', 250],
  ['2s', 2_000],
  ['1h45m', 6_300_000],
  ['24h', 86_400_000],
  ['0s', undefined],
  ['1', undefined],
  ['1d', undefined],
  ['', undefined],
])('parseDuration %j', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})
