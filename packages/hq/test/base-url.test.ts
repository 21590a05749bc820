import { describe, expect, it } from 'vitest'
import { baseUrlOfCode, baseUrlOfKey, checkBaseUrl } from '../src/base-url.js'
import { keyOf } from './api-key.js'

describe('baseUrlOfKey', () => {
  it.each([
    { issuer: 'https://hq.example.com', url: 'https://hq.example.com' },
    { issuer: 'https://hq.example.com/', url: 'https://hq.example.com' },
    { issuer: 'http://localhost:3101', url: 'http://localhost:3101' },
    { issuer: 'https://shopmonkey.io', url: 'https://api.shopmonkey.cloud' },
  ])('$issuer → $url', ({ issuer, url }) => {
    expect(baseUrlOfKey(keyOf({ iss: issuer }))).toBe(url)
  })

  it.each(['', 'hidden', 'a.b.c', keyOf({}), keyOf({ iss: 5 }), keyOf({ iss: 'ftp://host' })])('refuses %s', (key) => {
    expect(() => baseUrlOfKey(key)).toThrow(/API key/)
  })

  it('does not quote the key', () => {
    expect(() => baseUrlOfKey('very-hidden')).toThrow(expect.not.stringContaining('very-hidden'))
  })
})

describe('baseUrlOfCode', () => {
  it.each([
    { code: 'P123', url: 'https://api.shopmonkey.cloud' },
    { code: 'p123', url: 'https://api.shopmonkey.cloud' },
    { code: 'S123', url: 'https://sandbox-api.shopmonkey.cloud' },
    { code: 'E123', url: 'https://edge-api.shopmonkey.cloud' },
    { code: 'L123', url: 'http://localhost:3101' },
  ])('$code → $url', ({ code, url }) => {
    expect(baseUrlOfCode(code)).toBe(url)
  })

  it.each(['', 'X1', '1P'])('refuses "%s"', (code) => {
    expect(() => baseUrlOfCode(code)).toThrow('P, S, E or L')
  })
})

describe('checkBaseUrl', () => {
  it('leaves out the slash at the end', () => {
    expect(checkBaseUrl('https://host/path/', 'it')).toBe('https://host/path')
  })

  it.each(['host', 'https://user:password@host', 'https://host?a=b', 'file:///x'])('refuses %s', (url) => {
    expect(() => checkBaseUrl(url, 'the API URL')).toThrow('the API URL is not a plain http or https address')
  })
})
