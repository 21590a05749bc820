import { isEdsError, maskUrl, parseSinkUrl } from '@eds/core'
import { describe, expect, it } from 'vitest'
import socketio from '../src/index.js'

const defaults = socketio.config.parse({})

describe('URL', () => {
  it.each<[url: string, expected: object]>([
    ['socketio:///socket.io', {}],
    ['socketio:///live', { path: '/live' }],
    ['socketio://0.0.0.0:3000/socket.io', { host: '0.0.0.0', port: 3000 }],
    ['socketio://[::1]:3000/socket.io', { host: '::1', port: 3000 }],
    [
      'socketio:///socket.io?routing=%7B%22orders%22%3A%22userId%22%2C%22chat%22%3A%5B%22a%22%2C%22b%22%5D%2C%22news%22%3A%22%2A%22%7D',
      { routing: { orders: 'userId', chat: ['a', 'b'], news: '*' } },
    ],
    ['socketio:///socket.io?filters=users.password%2Cusers.token', { filters: ['users.password', 'users.token'] }],
    ['socketio:///socket.io?authUrl=postgres%3A%2F%2Feds%3Apw%40db%2Fshop', { authUrl: 'postgres://eds:pw@db/shop' }],
    ['socketio:///socket.io?development=true&republish=true', { development: true, republish: true }],
    ['socketio:///socket.io?slowClients=skip&maxBufferBytes=4096', { slowClients: 'skip', maxBufferBytes: 4096 }],
    [
      'socketio:///socket.io?adapter=redis&redisUrl=redis%3A%2F%2Fcache',
      { adapter: 'redis', redisUrl: 'redis://cache' },
    ],
  ])('%s is read, and written the same', (url, expected) => {
    const config = parseSinkUrl(socketio, url)
    expect(config).toEqual({ ...defaults, ...expected })
    expect(socketio.format(config)).toBe(url)
  })

  it.each([
    'socketio://host',
    'socketio://me@host:1',
    'socketio://a:1,b:2',
    'socketio:///x?what=1',
    'socketio:///x?routing=orders',
    'socketio:///x?routing=[]',
    'socketio:///x?routing={"orders":7}',
    'socketio:///x?routing={"orders":[]}',
    'socketio:///x?filters=password',
    'socketio:///x?adapter=redis',
    'socketio:///x?authUrl=postgres://db/x&jwksUrl=https://a/b',
    'socketio:///x?authUrl=oracle://db',
  ])('%s is refused', (url) => {
    let error: unknown
    try {
      parseSinkUrl(socketio, url)
    } catch (thrown) {
      error = thrown
    }
    expect(isEdsError(error) && error.code).toBe('configuration')
  })

  it('shows no password of the databases behind it', () => {
    const config = parseSinkUrl(socketio, 'socketio:///x?authUrl=postgres%3A%2F%2Feds%3As3cret-pw%40db%2Fshop')
    expect(maskUrl(socketio.format(config))).not.toContain('s3cret-pw')
  })

  it('the example is one', () => {
    expect(parseSinkUrl(socketio, socketio.exampleUrl)).toMatchObject({ routing: { orders: 'userId' }, port: 3000 })
  })
})
