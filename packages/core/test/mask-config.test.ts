import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { maskConfig, secret, secretsOf } from '../src/index.js'

const schema = z.object({
  user: z.string(),
  password: secret(z.string()),
  pin: secret(z.number()).optional(),
  nested: z.object({ code: secret(z.string().default('x')), note: z.string() }).optional(),
  list: z.array(z.object({ code: secret(z.string()) })).optional(),
  headers: z.record(z.string(), secret(z.string())).optional(),
  either: z.union([z.string(), z.object({ code: secret(z.string()) })]).optional(),
  turned: secret(z.string())
    .transform((text) => text.toUpperCase())
    .optional(),
  url: z.string().optional(),
  when: z.date().optional(),
})

const value = {
  user: 'ann',
  password: 'hidden1',
  pin: 1234,
  nested: { code: 'hidden2', note: 'shown' },
  list: [{ code: 'hidden3' }],
  headers: { a: 'hidden4' },
  either: { code: 'hidden5' },
  turned: 'HIDDEN6',
  url: 'postgres://u:hidden7@h/db',
  unknown: { apiKey: 'hidden8', other: 'shown' },
}

describe('maskConfig', () => {
  it('masks secret fields wherever they stand, and nothing else', () => {
    expect(maskConfig(schema, value)).toEqual({
      user: 'ann',
      password: '***',
      pin: '***',
      nested: { code: '***', note: 'shown' },
      list: [{ code: '***' }],
      headers: { a: '***' },
      either: { code: '***' },
      turned: '***',
      url: 'postgres://u:***@h/db',
      unknown: { apiKey: '***', other: 'shown' },
    })
  })

  it('keeps absent secrets absent and copes with values that do not fit', () => {
    expect(maskConfig(schema, { password: undefined, nested: null, list: 'x', headers: 3 })).toEqual({
      password: undefined,
      nested: null,
      list: 'x',
      headers: 3,
    })
    expect(maskConfig(schema, 'postgres://u:hidden@h')).toBe('postgres://u:***@h')
  })

  it('follows schemas that refer to themselves', () => {
    const tree: z.ZodType = z.object({
      code: secret(z.string()),
      get child() {
        return tree.optional()
      },
    })
    expect(maskConfig(tree, { code: 'a', child: { code: 'b', child: { code: 'c' } } })).toEqual({
      code: '***',
      child: { code: '***', child: { code: '***' } },
    })
  })
})

describe('secretsOf', () => {
  it('lists the secret texts', () => {
    expect(secretsOf(schema, value).sort()).toEqual(
      ['HIDDEN6', 'hidden1', 'hidden2', 'hidden3', 'hidden4', 'hidden5', 'hidden8'].sort(),
    )
  })
})
