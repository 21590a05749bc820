import { EdsError, maskUrl } from '@eds/core'
import type { z } from 'zod'
import * as answers from './answers.js'
import type { HqApi, HqApiOptions, SessionEnd, SessionInfo, SessionStart } from './api-types.js'
import { baseUrlOfCode, baseUrlOfKey, checkBaseUrl } from './base-url.js'
import { decodeCredential } from './credential.js'
import { readData } from './envelope.js'
import { HttpClient, nameOf } from './http.js'
import { transfers } from './transfers.js'

const internal = '/v3/eds/internal'

interface ApiCall<T> {
  readonly path: string
  /** Sent by POST; without one it is a GET. */
  readonly body?: object
  readonly schema: z.ZodType<T>
  /** A status that is an outcome, and what it means. */
  readonly unless?: { readonly status: number; readonly outcome: () => T }
}

/**
 * A client of HQ. Does nothing until it is asked.
 *
 * @throws EdsError `configuration` when `apiUrl` is no address, or, without one, the API key does not name one.
 */
export function hqApi(options: HqApiOptions): HqApi {
  const { apiKey, version, timeoutMs = 30_000 } = options
  const apiUrl = options.apiUrl === undefined ? undefined : checkBaseUrl(options.apiUrl, 'the API URL')
  const baseUrl = apiUrl ?? (apiKey === undefined ? undefined : baseUrlOfKey(apiKey))
  const http = new HttpClient(options)
  const agent = { 'User-Agent': `Shopmonkey EDS Server/${version}` }

  function send<T>(base: string, login: Readonly<Record<string, string>>, call: ApiCall<T>, signal?: AbortSignal) {
    const { path, body, schema, unless } = call
    const target = { method: body === undefined ? ('GET' as const) : ('POST' as const), url: base + path }
    const json = body === undefined ? {} : { 'Content-Type': 'application/json' }
    return http.send<T>(
      {
        ...target,
        headers: { ...agent, Accept: 'application/json', ...json, ...login },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        timeoutMs,
        expected: unless === undefined ? [] : [unless.status],
        read: async (response, requestId) => {
          if (response.ok || unless === undefined) return readData(response, schema, nameOf(target), requestId)
          await response.body?.cancel()
          return unless.outcome()
        },
      },
      signal,
    )
  }

  async function call<T>(request: ApiCall<T>, signal?: AbortSignal): Promise<T> {
    if (apiKey !== undefined && baseUrl !== undefined) {
      return send(baseUrl, { Authorization: `Bearer ${apiKey}` }, request, signal)
    }
    throw new EdsError('configuration', 'there is no API key for HQ', { fix: 'enroll this server, or set SM_APIKEY' })
  }

  return {
    ...transfers(http, agent, timeoutMs),
    async enroll(code, signal) {
      const text = code.trim()
      const path = `${internal}/enroll/${encodeURIComponent(text)}`
      const unless = { status: 404, outcome: refuseCode }
      return send(apiUrl ?? baseUrlOfCode(text), {}, { path, schema: answers.enrollment, unless }, signal)
    },
    async startSession(info, signal) {
      const unless = { status: 409, outcome: alreadyRunning }
      return call<SessionStart>({ path: internal, body: maskedInfo(info), schema: started, unless }, signal)
    },
    async endSession(id, { errored }, signal) {
      return call<SessionEnd>({ path: pathOf(id), body: { errored }, schema: answers.sessionEnd }, signal)
    },
    async logUpload(id, signal) {
      return (await call({ path: `${pathOf(id)}/log`, body: {}, schema: answers.withUrl }, signal)).url
    },
    async exportBulk(body, signal) {
      return (await call({ path: '/v3/export/bulk', body, schema: answers.withJobId }, signal)).jobId
    },
    async exportStatus(jobId, signal) {
      return call({ path: `/v3/export/bulk/${encodeURIComponent(jobId)}`, schema: answers.exportStatus }, signal)
    },
    async olderExport(tables, signal) {
      return (await call({ path: '/v3/export', body: { tables }, schema: answers.withFileName }, signal)).fileName
    },
    async presignedUrl(fileName, signal) {
      const request = { path: '/v3/export/presigned_url', body: { fileName }, schema: answers.withUrl }
      return (await call(request, signal)).url
    },
  }
}

const started = answers.sessionStart.transform(({ sessionId, credential }): SessionStart => {
  const credentials = credential === undefined ? {} : { credentials: decodeCredential(credential) }
  return { outcome: 'started', sessionId, ...credentials }
})

function alreadyRunning(): SessionStart {
  return { outcome: 'running', message: 'HQ says that this server is running already' }
}

function refuseCode(): never {
  throw new EdsError('configuration', 'the enrollment code is not valid, or was used before', {
    fix: 'make a new one in HQ',
  })
}

function maskedInfo(info: SessionInfo): SessionInfo {
  return info.driver === undefined ? info : { ...info, driver: { ...info.driver, url: maskUrl(info.driver.url) } }
}

function pathOf(sessionId: string): string {
  return `${internal}/${encodeURIComponent(sessionId)}`
}
