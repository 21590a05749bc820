import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { adminDefinition, firestoreDefinition, requestBytes } from './definitions.js'
import { type Fault, Faults, type Method } from './faults.js'
import { FirestoreService, type ServiceOptions } from './firestore-service.js'
import { maxRequestBytes } from './limits.js'
import type { Document, Fields } from './protocol.js'
import { Refusal } from './refusal.js'

export interface FirestoreSimOptions extends Partial<ServiceOptions> {
  /** What a commit takes at least, milliseconds. Default: 0. */
  readonly commitMs?: number
}

export interface FirestoreSim {
  /** `127.0.0.1:<port>`, for `FIRESTORE_EMULATOR_HOST`. */
  readonly host: string
  /** Calls so far. */
  calls(method: Method): number
  fail(fault: Fault): void
  /** The documents of a collection, `projects/<project>/databases/<database>/documents/<collection>`. */
  documents(collection: string): readonly Document[]
  /** Stores a document, as another program would. */
  put(name: string, fields: Fields): void
  /** `EventKey ASCENDING, Datetime ASCENDING` and the like. */
  indexes(collection: string): readonly string[]
  stop(): Promise<void>
}

/** Starts a server on a free port of the loopback. All its documents are in memory. */
export async function startFirestoreSim(options: FirestoreSimOptions = {}): Promise<FirestoreSim> {
  const { requireIndexes = false, commitMs = 0 } = options
  const service = new FirestoreService({ requireIndexes })
  const faults = new Faults()
  const server = new Server({ 'grpc.max_receive_message_length': 4 * maxRequestBytes })
  server.addService(firestoreDefinition(), {
    beginTransaction: unary(faults, 'beginTransaction', () => service.beginTransaction()),
    rollback: unary(faults, 'rollback', (request) => service.rollback(request)),
    commit: unary(faults, 'commit', (request) => service.commit(request), commitMs),
    batchWrite: unary(faults, 'batchWrite', (request) => service.batchWrite(request)),
    batchGetDocuments: streaming(faults, 'batchGetDocuments', (request) => service.batchGetDocuments(request)),
    runQuery: streaming(faults, 'runQuery', (request) => service.runQuery(request)),
  })
  server.addService(adminDefinition(), {
    createIndex: unary(faults, 'createIndex', (request) => service.createIndex(request)),
  })
  const port = await listen(server)
  return {
    host: `127.0.0.1:${port}`,
    calls: (method) => faults.calls.get(method) ?? 0,
    fail: (fault) => faults.add(fault),
    documents(collection) {
      const slash = collection.lastIndexOf('/')
      return service.store.list(collection.slice(0, slash), collection.slice(slash + 1))
    },
    put(name, fields) {
      service.store.commit([{ update: { name, fields } }])
    },
    indexes: (collection) => service.indexes.of(collection),
    stop: async () => server.forceShutdown(),
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port)
      else reject(error)
    })
  })
}

function unary<Request extends object>(
  faults: Faults,
  method: Method,
  work: (request: Request) => object,
  delayMs = 0,
) {
  return ({ request, metadata }: ServerUnaryCall<Request, object>, answer: sendUnaryData<object>): void => {
    const handle = () => {
      try {
        answer(
          null,
          guarded(request, metadata, () => faults.around(method, () => work(request))),
        )
      } catch (error) {
        answer(refusalOf(error))
      }
    }
    if (delayMs === 0) handle()
    else setTimeout(handle, delayMs)
  }
}

function streaming<Request extends object>(faults: Faults, method: Method, work: (request: Request) => object[]) {
  return (call: ServerWritableStream<Request, object>): void => {
    const { request, metadata } = call
    try {
      for (const part of guarded(request, metadata, () => faults.around(method, () => work(request)))) call.write(part)
      call.end()
    } catch (error) {
      call.emit('error', refusalOf(error))
    }
  }
}

/** What the server asks of every request. */
function guarded<T>(request: object, metadata: Metadata, work: () => T): T {
  if (metadata.get('authorization').length === 0) {
    throw new Refusal('PERMISSION_DENIED', 'Missing or insufficient permissions.')
  }
  const bytes = requestBytes.get(request) ?? 0
  if (bytes > maxRequestBytes) {
    throw new Refusal('INVALID_ARGUMENT', `Request payload size exceeds the limit: ${maxRequestBytes} bytes.`)
  }
  return work()
}

function refusalOf(error: unknown): Refusal {
  return error instanceof Refusal
    ? error
    : new Refusal('INTERNAL', error instanceof Error ? error.message : String(error))
}
