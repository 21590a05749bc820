import { type Sink, secretsOf, sink } from '@eds/core'
import { createSocketio, type Socketio, type SocketioConfig } from '@eds/driver-socketio'
import type { PlannedSink } from '../host/sinks.js'
import type { Redactor } from '../redactor.js'

const name = 'sockets'

/** The sockets as a sink, and as what counts them. The redactor learns the secrets. */
export function planSockets(config: SocketioConfig, redactor: Redactor): { planned: PlannedSink; sockets: Socketio } {
  const sockets = createSocketio()
  redactor.add(secretsOf(sockets.definition.config, config))
  const planned: Sink = sink(sockets.definition, config, { name })
  return { planned: { sink: planned, destination: `socket.io at ${config.path}` }, sockets }
}
