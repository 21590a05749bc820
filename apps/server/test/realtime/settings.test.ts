import { describe, expect, it } from 'vitest'
import { startSummary } from '../../src/realtime/summary.js'
import { readRealtimeSettings } from '../../src/settings/realtime.js'
import { commandCall } from '../settings/command-call.js'

function settingsOf(options: Readonly<Record<string, unknown>>, environment: Readonly<Record<string, string>> = {}) {
  return readRealtimeSettings(
    commandCall({ options: { source: 'postgres://localhost/shop', ...options }, environment }),
  )
}

describe('settings of eds realtime', () => {
  it('that are wrong are named in one sentence each, all at once', async () => {
    const wrong = {
      port: 'x',
      routing: '{"orders": 5, "users": "id", "news": []}',
      filters: ['password', 'users.token', 'secret'],
      onError: 'sometimes',
    }
    await expect(settingsOf(wrong, { USE_SSL: 'true', SSL_CERT: 'nofile' })).rejects.toThrow(
      /^--port is "x", which is no port; SSL_CERT: cannot read nofile \(ENOENT\); TLS is on, but SSL_KEY .*; TABLE_AUTH_COLUMN_ROUTING \(--routing\) table "orders", "news" must have a column, a list of columns or "\*"; FILTERS \(--filters\) "password", "secret" must be table.column; .*onError/,
    )
  })
})

describe('what eds realtime says that it is going to do', () => {
  const routing = '{"orders": "userId", "news": "*"}'

  it.each([
    ['tables that somebody may see', { routing }, 'tables orders, news; mode auto'],
    [
      'every table for other destinations',
      { routing, url: ['file:///x'] },
      'every table with a primary key; mode auto',
    ],
    ['tables that are named', { routing, tables: ['users'], mode: 'triggers' }, 'tables users; mode triggers'],
    ['every table where there are no rules', {}, 'every table with a primary key; mode auto'],
  ])('captures %s', async (_name, options, captured) => {
    const [first] = startSummary(await settingsOf(options))
    expect(first).toBe(`changes of postgres://localhost/shop: ${captured}`)
  })

  it('says what is on and off', async () => {
    expect(startSummary(await settingsOf({ routing }))).toContain(
      'POST /publish is off (there is no SECURITY_TOKEN); republishing by sockets is off; served over HTTP',
    )
    expect(startSummary(await settingsOf({ securityToken: 's', allowRepublishing: true }))).toContain(
      'POST /publish is on; republishing by sockets is on; served over HTTP',
    )
  })
})
