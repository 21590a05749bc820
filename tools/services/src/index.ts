export { restartService, type ServiceReference, serviceUrl, startService, stopService } from './control.js'
export { down, type Outcome, status, type UpOptions, up } from './engine.js'
export { kafkaJars } from './kafka.js'
export {
  type NatsOptions,
  type PostgresOptions,
  type PrivateServer,
  startNats,
  startPostgres,
} from './private-server.js'
export { serviceNamed, services } from './registry.js'
export type { ServiceDefinition } from './service-definition.js'
export { type KafkaOptions, startKafka } from './start-kafka.js'
export { type MariadbOptions, startMariadb } from './start-mariadb.js'
export { startS3 } from './start-s3.js'
