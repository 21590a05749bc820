export { restartService, type ServiceReference, serviceUrl, startService, stopService } from './control.js'
export { down, type Outcome, status, type UpOptions, up } from './engine.js'
export {
  type NatsOptions,
  type PostgresOptions,
  type PrivateServer,
  startNats,
  startPostgres,
} from './private-server.js'
export { serviceNamed, services } from './registry.js'
export type { ServiceDefinition } from './service-definition.js'
