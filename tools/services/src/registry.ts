import { kafka } from './kafka.js'
import { mariadb } from './mariadb.js'
import { nats } from './nats.js'
import { postgres } from './postgres.js'
import { pubsub } from './pubsub.js'
import { redis } from './redis.js'
import { s3 } from './s3.js'
import type { ServiceDefinition } from './service-definition.js'

/** Every service there is; a new one is its own file and an entry here. */
export const services: readonly ServiceDefinition[] = [postgres, mariadb, nats, kafka, s3, pubsub, redis]

/** Throws, naming the known ones, when there is no such service. */
export function serviceNamed(name: string): ServiceDefinition {
  const found = services.find((service) => service.name === name)
  if (found) return found
  throw new Error(`no service "${name}"; there are ${services.map((service) => service.name).join(', ')}`)
}
