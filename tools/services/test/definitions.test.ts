import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { serviceNamed, services } from '../src/registry.js'

const compose = readFileSync(new URL('../../../docker-compose.yml', import.meta.url), 'utf8')

/** The part of the compose file that describes one service. */
function composeBlock(name: string): string {
  return new RegExp(`^  ${name}:\\n((?: {4}.*\\n|\\n)+)`, 'm').exec(compose)?.[1] ?? ''
}

test.each(services.map((service) => [service.name, service] as const))('%s is the same in Docker', (name, service) => {
  expect(composeBlock(name)).toContain(`'127.0.0.1:${service.port}:`)
})

test.each(services.map((service) => [service.name, service] as const))(
  '%s listens on its own loopback port',
  (_name, service) => {
    expect(service.endpoint(service.url(service.port))).toEqual({ host: '127.0.0.1', port: service.port })
    // Linux gives ports from 32768 to outgoing connections.
    expect(service.port).toBeLessThan(32_768)
    expect(services.filter((other) => other.port === service.port)).toEqual([service])
  },
)

test('an unknown service is refused with the known ones', () => {
  expect(() => serviceNamed('oracle')).toThrow('no service "oracle"; there are postgres, mariadb, nats, ')
})
