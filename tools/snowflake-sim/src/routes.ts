import type { LoginData } from './login.js'
import type { QueryRequest, Service } from './service.js'
import { writeParameters } from './service.js'
import type { Session } from './session.js'
import { SqlError } from './sql-error.js'

export interface HttpRequest {
  readonly method: string
  readonly url: URL
  /** The token of the Authorization header. */
  readonly token: string
  readonly body: unknown
}

const ok = (data: unknown = null) => ({ data, message: null, code: null, success: true })

const refused = (code: string, message: string, data: unknown = null) => ({ data, code, message, success: false })

/** Validity that clients are told, in seconds. */
const sessionSeconds = 3600
const masterSeconds = 14_400

/** Answers one request of the client with the JSON of its body. */
export async function route(service: Service, request: HttpRequest): Promise<unknown> {
  const path = request.url.pathname
  if (path === '/session/v1/login-request') return answerLogin(service, request)
  if (path === '/session/token-request') return answerRenewal(service, request)
  const session = [...service.sessions.values()].find((candidate) => candidate.token === request.token)
  if (session === undefined) {
    return refused('390111', 'Session no longer exists.  New login required to access the service.')
  }
  if (session.expired) return refused('390112', 'Your session has expired. Please login again.')
  return routeSession(service, session, request)
}

async function routeSession(service: Service, session: Session, request: HttpRequest): Promise<unknown> {
  const path = request.url.pathname
  if (path === '/queries/v1/query-request') {
    // The shape is the client's own; what is missing in it is refused where it is used.
    const body = request.body as QueryRequest
    return service.answer(session, request.url.searchParams.get('requestId') ?? '', body)
  }
  if (path === '/queries/v1/abort-request') {
    service.abort((request.body as { readonly requestId?: string }).requestId ?? '')
    return ok()
  }
  const result = /^\/queries\/([\w-]+)\/result$/.exec(path)
  if (result !== null) return session.results.get(result[1] ?? '') ?? refused('000709', 'Statement not found')
  if (path === '/session' && request.url.searchParams.get('delete') === 'true') service.endSession(session)
  return ok()
}

function answerLogin(service: Service, request: HttpRequest): unknown {
  try {
    const data = (request.body as { readonly data?: LoginData }).data ?? {}
    return ok(sessionData(service.login(data, request.url.searchParams)))
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    return refused(error.code, error.message, { nextAction: 'RETRY_LOGIN', authnMethod: 'USERNAME_PASSWORD' })
  }
}

function sessionData(session: Session) {
  return {
    sessionId: session.id,
    token: session.token,
    validityInSeconds: sessionSeconds,
    masterToken: session.masterToken,
    masterValidityInSeconds: masterSeconds,
    serverVersion: '9.30.0-simulator',
    firstLogin: false,
    parameters: writeParameters(session),
    sessionInfo: {
      databaseName: session.database ?? null,
      schemaName: session.schema ?? null,
      warehouseName: session.warehouse ?? null,
      roleName: session.role ?? null,
    },
  }
}

/** Gives a session that expired a new token, against its master token. */
function answerRenewal(service: Service, request: HttpRequest): unknown {
  const session = [...service.sessions.values()].find((candidate) => candidate.masterToken === request.token)
  if (session === undefined)
    return refused('390114', 'Authentication token has expired.  The user must authenticate again.')
  session.expired = false
  session.token = `${session.token}+`
  return ok({
    sessionToken: session.token,
    validityInSecondsST: sessionSeconds,
    masterToken: session.masterToken,
    validityInSecondsMT: masterSeconds,
    sessionId: session.id,
  })
}
