import { describe, expect, it } from 'vitest'
import { includesLoopback, isLoopback, isLoopbackHost } from '../../src/http/loopback.js'

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('takes %s', (address) => {
    expect(isLoopback(address)).toBe(true)
  })
  it.each([undefined, '', '10.0.0.1', '::ffff:10.0.0.1', '127.evil.example', '::2', '128.0.0.1'])(
    'refuses %s',
    (address) => {
      expect(isLoopback(address)).toBe(false)
    },
  )
})

describe('isLoopbackHost', () => {
  it.each(['localhost', 'LocalHost:8080', '127.0.0.1:1', '[::1]:8080', '[::1]'])('takes %s', (header) => {
    expect(isLoopbackHost(header)).toBe(true)
  })
  it.each([undefined, '', 'evil.example', 'localhost.evil.example:8080', '127.0.0.1.evil.example', '10.0.0.1:80'])(
    'refuses %s',
    (header) => {
      expect(isLoopbackHost(header)).toBe(false)
    },
  )
})

describe('includesLoopback', () => {
  it.each([
    ['0.0.0.0', true],
    ['::', true],
    ['localhost', true],
    ['127.0.0.1', true],
    ['10.0.0.1', false],
  ])('%s: %s', (host, expected) => {
    expect(includesLoopback(host)).toBe(expected)
  })
})
