import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ServiceDefinition } from '@grpc/grpc-js'
import { fromJSON } from '@grpc/proto-loader'

/** The published descriptions of the protocol, as the client brings them along. */
const client = createRequire(import.meta.url).resolve('@google-cloud/firestore')
const folder = join(dirname(client), '..', 'protos')

/** Bytes of each request that is being handled. */
export const requestBytes = new WeakMap<object, number>()

export function firestoreDefinition(): ServiceDefinition {
  return measured(load('v1.json', 'google.firestore.v1.Firestore'))
}

export function adminDefinition(): ServiceDefinition {
  return load('admin_v1.json', 'google.firestore.admin.v1.FirestoreAdmin')
}

function load(file: string, service: string): ServiceDefinition {
  const options = { longs: String, enums: String, bytes: Buffer, defaults: false, oneofs: false }
  const found = fromJSON(JSON.parse(readFileSync(join(folder, file), 'utf8')), options)[service]
  if (found === undefined) throw new Error(`${file} does not describe ${service}`)
  // Names of services are bound to services, those of messages to messages.
  return found as ServiceDefinition
}

function measured(definition: ServiceDefinition): ServiceDefinition {
  const methods = Object.entries(definition).map(([name, method]) => {
    const requestDeserialize = (bytes: Buffer): object => {
      const request: object = method.requestDeserialize(bytes)
      requestBytes.set(request, bytes.length)
      return request
    }
    return [name, { ...method, requestDeserialize }]
  })
  return Object.fromEntries(methods)
}
