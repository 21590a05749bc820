import { gzipSync } from 'node:zlib'
import { shopSchemas } from '@eds/shop'
import { expect, test } from 'vitest'
import { call, makeSim, nats, startSession } from './hq-sim.js'

nats.describe('HTTP API', () => {
  test('an enrollment code works once', async () => {
    const sim = await makeSim()
    const code = sim.newEnrollmentCode()
    expect(code).toMatch(/^L[A-Z0-9]{7}$/)
    const first = await fetch(`${sim.url}/v3/eds/internal/enroll/${code}`)
    expect(await first.json()).toEqual({ success: true, data: { token: sim.apiKey, serverId: sim.serverId } })
    expect(first.headers.get('x-request-id')).toBe(sim.requests[0]?.id)
    const second = await fetch(`${sim.url}/v3/eds/internal/enroll/${code}`)
    expect(second.status).toBe(404)
    expect(await second.json()).toMatchObject({ success: false, message: expect.stringContaining('enrollment code') })
  })

  test('the API key is a JWT whose issuer is the API', async () => {
    const sim = await makeSim()
    const claims = JSON.parse(Buffer.from(sim.apiKey.split('.')[1] ?? '', 'base64url').toString())
    expect(claims.iss).toBe(sim.url)
  })

  test('a session starts, ends and takes logs', async () => {
    const sim = await makeSim()
    const { sessionId, credential } = await startSession(sim)
    expect(Buffer.from(credential).toString()).toContain('BEGIN NATS USER JWT')
    expect(sim.sessions[0]).toMatchObject({ id: sessionId, body: { hostname: 'here', osinfo: { num_cpu: 2 } } })

    const log = await call(sim, 'POST', `/v3/eds/internal/${sessionId}/log`, {})
    const end = await call(sim, 'POST', `/v3/eds/internal/${sessionId}`, { errored: true })
    for (const url of [log.json.data.url, end.json.data.url, end.json.data.errorUrl]) {
      const body = gzipSync(`lines of ${url.split('/').at(-2)}`)
      const sent = await fetch(url, { method: 'PUT', body, headers: { 'content-type': 'application/x-tgz' } })
      expect(sent.status).toBe(200)
    }
    expect(sim.uploads.map(({ kind, text }) => [kind, text])).toEqual([
      ['log', 'lines of log'],
      ['end', 'lines of end'],
      ['error', 'lines of error'],
    ])
    expect(sim.sessions[0]?.uploads[0]).toMatchObject({
      contentType: 'application/x-tgz',
      path: new URL(log.json.data.url).pathname,
    })
    expect(sim.sessions[0]?.end?.errored).toBe(true)
    const token = log.json.data.url.split('/').at(-1)
    expect(sim.secrets()).toEqual(expect.arrayContaining([sim.apiKey, Buffer.from(credential).toString(), token]))
  })

  test.each([
    ['POST', '/v3/eds/internal', {}],
    ['POST', '/v3/eds/internal/x', { errored: false }],
    ['POST', '/v3/eds/internal/x/log', {}],
    ['POST', '/v3/export/bulk', {}],
    ['GET', '/v3/export/bulk/x', undefined],
    ['POST', '/v3/export', {}],
    ['POST', '/v3/export/presigned_url', {}],
  ])('%s %s wants the API key', async (method, path, body) => {
    const sim = await makeSim()
    const init = body === undefined ? {} : { body: JSON.stringify(body) }
    const headers = { authorization: 'Bearer another', 'content-type': 'application/json' }
    const response = await fetch(`${sim.url}${path}`, { method, headers, ...init })
    expect(response.status).toBe(401)
    expect(sim.requests[0]).toMatchObject({ headers: { authorization: 'Bearer another' }, status: 401 })
  })

  test('uploads go only where a URL was given, and must be gzip', async () => {
    const sim = await makeSim()
    const { sessionId } = await startSession(sim)
    const forged = `${sim.url}/upload/${sessionId}/log/00`
    expect((await fetch(forged, { method: 'PUT', body: gzipSync('x') })).status).toBe(403)
    const { json } = await call(sim, 'POST', `/v3/eds/internal/${sessionId}/log`, {})
    expect((await fetch(json.data.url, { method: 'PUT', body: 'plain' })).status).toBe(400)
    expect(sim.uploads).toEqual([])
  })

  test('schemas come without an envelope, each version by itself', async () => {
    const sim = await makeSim()
    const { versions } = shopSchemas()
    const all = await (await fetch(`${sim.url}/v3/schema`)).json()
    expect(all).toEqual(JSON.parse(JSON.stringify(shopSchemas().document())))
    const oldest = versions.find(({ table }) => table === 'order')
    const path = `/v3/schema/Order/${oldest?.modelVersion}`
    expect(await (await fetch(`${sim.url}${path}`)).json()).toMatchObject({ modelVersion: oldest?.modelVersion })
    expect((await fetch(`${sim.url}/v3/schema/Order/none`)).status).toBe(404)
    sim.setSchemas([{ table: 'a_b', modelVersion: 'f1' }])
    expect(await (await fetch(`${sim.url}/v3/schema`)).json()).toEqual({ AB: { table: 'a_b', modelVersion: 'f1' } })
  })

  test('faults come in order, and then all is well', async () => {
    const sim = await makeSim()
    sim.failNext('schemas', 503, 2)
    sim.failNext('schemas', 'reset')
    sim.failNext('schemas', { status: 200, body: 'x'.repeat(100_000) })
    const get = () => fetch(`${sim.url}/v3/schema`)
    expect([(await get()).status, (await get()).status]).toEqual([503, 503])
    await expect(get()).rejects.toThrow('fetch failed')
    expect((await (await get()).text()).length).toBe(100_000)
    expect((await get()).status).toBe(200)
    expect(sim.requests.map(({ status }) => status)).toEqual([503, 503, undefined, 200, 200])
    expect(sim.requests[3]?.answerBytes).toBe(100_000)
  })

  test('a conflict refuses the next session only', async () => {
    const sim = await makeSim()
    sim.conflictNext()
    const body = { version: '1', hostname: 'h', serverId: sim.serverId }
    expect((await call(sim, 'POST', '/v3/eds/internal', body)).status).toBe(409)
    expect(sim.sessions).toEqual([])
    expect((await call(sim, 'POST', '/v3/eds/internal', body)).status).toBe(200)
    expect((await call(sim, 'POST', '/v3/eds/internal', { ...body, serverId: 'other' })).status).toBe(404)
    expect((await call(sim, 'POST', '/v3/eds/internal', {})).status).toBe(400)
  })

  test('HTTP goes down and comes up on the same port', async () => {
    const sim = await makeSim()
    await sim.down()
    await sim.down()
    await expect(fetch(`${sim.url}/v3/schema`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
    await sim.up()
    expect((await fetch(`${sim.url}/v3/schema`)).status).toBe(200)
  })

  test('a port that is taken is told at the start', async () => {
    const { port } = new URL((await makeSim()).url)
    await expect(makeSim({ port: Number(port) })).rejects.toThrow('EADDRINUSE')
  })

  test('a wait that is in vain tells what was seen', async () => {
    const sim = await makeSim()
    await fetch(`${sim.url}/v3/nowhere`)
    await expect(sim.waitFor('unicorn', () => undefined, 10)).rejects.toThrow(
      /no unicorn within 10 ms; seen:\nGET \/v3\/nowhere 404/,
    )
  })
})
