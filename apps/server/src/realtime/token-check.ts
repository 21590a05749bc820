import { toEdsError } from '@eds/core'
import { checkTokens, type SocketioConfig } from '@eds/driver-socketio'
import { errorLine } from '../failure.js'

/** What keeps tokens from being looked up in their table for good. What may pass by itself is the sockets' to wait for. */
export async function tokenProblems(sockets: SocketioConfig): Promise<string[]> {
  if (sockets.authUrl === undefined) return []
  try {
    await checkTokens(sockets, new AbortController().signal)
    return []
  } catch (error) {
    return toEdsError(error).retryable ? [] : [`AUTH_TABLE and AUTH_COLUMN: ${errorLine(error)}`]
  }
}
