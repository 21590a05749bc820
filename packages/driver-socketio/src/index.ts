import { createSocketio } from './socketio.js'

export type { Authenticate, AuthenticatedUser } from './auth/authenticate.js'
export { checkTokens } from './auth/open.js'
export type { SocketioConfig } from './config.js'
export * from './events.js'
export { createSocketio, type Socketio, type SocketioHooks } from './socketio.js'
export default createSocketio().definition
