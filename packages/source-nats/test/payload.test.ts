import { gzipSync } from 'node:zlib'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { unpackPayload } from '../src/payload.js'

const text = '{"id":"1","amount":9007199254740993}'
const bytes = Buffer.from(text)
const limit = 1024

function unpack(data: Uint8Array, encoding: string, maxBytes = limit): { text: string; defect?: string } {
  const { bytes: unpacked, ...rest } = unpackPayload(data, encoding, maxBytes)
  return { text: Buffer.from(unpacked).toString(), ...rest }
}

it.each(['', 'json', 'JSON', 'identity'])('passes on what is encoded as %j', (encoding) => {
  expect(unpackPayload(bytes, encoding, limit)).toEqual({ bytes })
})

describe('gzip', () => {
  it.each(['gzip/json', 'gzip', 'GZIP/json'])('is undone as %s', (encoding) => {
    expect(unpack(gzipSync(bytes), encoding)).toEqual({ text })
  })

  it('is a defect when broken, and keeps what came', () => {
    const broken = gzipSync(bytes).subarray(0, 20)
    const result = unpackPayload(broken, 'gzip/json', limit)
    expect(result.bytes).toBe(broken)
    expect(result.defect).toContain('cannot unpack gzip/json')
  })

  it('is a defect when it grows beyond the limit', () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    expect(unpackPayload(bomb, 'gzip/json', limit)).toEqual({
      bytes: bomb,
      defect: 'cannot unpack gzip/json: it is larger than 1024 bytes',
    })
  })
})

describe('msgpack', () => {
  const pack = (value: unknown) => new Packr({ useRecords: false }).pack(value)

  it('becomes JSON text with all digits', () => {
    const event = {
      id: 'ü😀',
      timestamp: 1_720_732_611_708,
      after: {
        large: 9_007_199_254_740_993n,
        negative: -(2n ** 63n),
        half: 0.5,
        none: null,
        list: [1, [2n ** 60n]],
        deep: { a: true },
      },
    }
    expect(unpack(pack(event), 'msgpack')).toEqual({
      text: '{"id":"ü😀","timestamp":1720732611708,"after":{"large":9007199254740993,"negative":-9223372036854775808,"half":0.5,"none":null,"list":[1,[1152921504606846976]],"deep":{"a":true}}}',
    })
  })

  it('keeps rows that were packed as JSON text', () => {
    const event = { id: '1', before: Buffer.from('{"n":12345678901234567890}'), after: Buffer.from('{"n":1.10}') }
    expect(unpack(pack(event), 'msgpack')).toEqual({
      text: '{"id":"1","before":{"n":12345678901234567890},"after":{"n":1.1}}',
    })
  })

  it('writes binary as base64 and times as RFC 3339', () => {
    const event = { after: { data: Buffer.from([1, 2, 3]), at: new Date('2024-07-11T21:16:51.708Z') } }
    expect(unpack(pack(event), 'msgpack')).toEqual({
      text: '{"after":{"data":"AQID","at":"2024-07-11T21:16:51.708Z"}}',
    })
  })

  it.each([
    { flaw: 'is cut off', data: pack({ id: 'abc' }).subarray(0, 4) },
    { flaw: 'is no map', data: pack([1, 2]) },
    { flaw: 'holds a number that JSON lacks', data: pack({ n: Number.NaN }) },
    { flaw: 'holds a row that is not JSON', data: pack({ after: Buffer.from('{"n":') }) },
    { flaw: 'is empty', data: new Uint8Array() },
  ])('is a defect when it $flaw', ({ data }) => {
    const result = unpackPayload(data, 'msgpack', limit)
    expect(result.bytes).toBe(data)
    expect(result.defect).toContain('cannot unpack msgpack')
  })
})

it('is a defect when the encoding is unknown', () => {
  expect(unpackPayload(bytes, 'br', limit)).toEqual({ bytes, defect: 'unknown content-encoding "br"' })
})
