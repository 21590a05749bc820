import { createRequire } from 'node:module'
import { EdsError } from '@eds/core'
import type { v1 } from '@google-cloud/firestore'
import type {
  DocumentQuery,
  DocumentWrite,
  FieldValue,
  FieldValues,
  ProtocolTimestamp,
  StoredDocument,
} from './firestore-protocol.js'

export interface FirestoreClientOptions {
  /** Default: that of the credentials, or of the machine. */
  readonly projectId?: string
  /** Default: `(default)`. */
  readonly databaseId?: string
  /** JSON key of a service account. Default: the application default credentials. */
  readonly keyFilename?: string
  /** `<host>:<port>` of an emulator, without encryption. Default: `FIRESTORE_EMULATOR_HOST`, else Google's service. */
  readonly endpoint?: string
}

type Client = InstanceType<typeof v1.FirestoreClient>
type AdminClient = InstanceType<typeof v1.FirestoreAdminClient>
type Settings = ConstructorParameters<typeof v1.FirestoreClient>[0]
type CommitRequest = NonNullable<Parameters<Client['commit']>[0]>
type Write = NonNullable<CommitRequest['writes']>[number]
type Precondition = NonNullable<Write['currentDocument']>
type Fields = NonNullable<NonNullable<Write['update']>['fields']>

/** No answer for so long is none, milliseconds. */
const timeoutMs = 30_000

/**
 * The calls of Firestore that a store needs, each sent exactly once. Google's own layer above them repeats commits whose answer was lost,
 * which with a condition makes a success look like a failure.
 */
export class FirestoreClient {
  readonly projectId: string
  readonly databaseId: string
  readonly #client: Client
  readonly #openAdmin: () => AdminClient
  readonly #callOptions: object

  private constructor(
    client: Client,
    openAdmin: () => AdminClient,
    projectId: string,
    options: FirestoreClientOptions,
  ) {
    this.#client = client
    this.#openAdmin = openAdmin
    this.projectId = projectId
    this.databaseId = options.databaseId ?? '(default)'
    const headers = endpointOf(options) === undefined ? {} : { authorization: 'Bearer owner' }
    this.#callOptions = { timeout: timeoutMs, retry: { retryCodes: [] }, otherArgs: { headers } }
  }

  /** Loads Google's client and finds out the project; nothing is asked of Firestore yet. */
  static async open(options: FirestoreClientOptions): Promise<FirestoreClient> {
    const { default: library } = await import('@google-cloud/firestore')
    const settings = { ...plainSettings(options), gaxServerStreamingRetries: true, ...emulatorSettings(options) }
    const client = new library.v1.FirestoreClient(settings)
    const projectId = options.projectId ?? (await client.getProjectId())
    return new FirestoreClient(client, () => new library.v1.FirestoreAdminClient(settings), projectId, options)
  }

  /** All or nothing. Resolves with the version of the first document. */
  async commit(writes: readonly DocumentWrite[]): Promise<ProtocolTimestamp> {
    const request = { database: this.#database, writes: writes.map((write) => this.#toWrite(write)) }
    const [{ writeResults, commitTime }] = await this.#client.commit(request, this.#callOptions)
    return writeResults?.[0]?.updateTime ?? commitTime ?? {}
  }

  /** The documents at these paths, in this order; `undefined` where there is none. */
  async get(paths: readonly string[]): Promise<(StoredDocument | undefined)[]> {
    if (paths.length === 0) return []
    const names = paths.map((path) => this.#name(path))
    const found = new Map<string, StoredDocument>()
    const request = { database: this.#database, documents: [...new Set(names)] }
    for (const part of await collect(this.#client.batchGetDocuments(request, this.#callOptions))) {
      if (part.found) found.set(part.found.name ?? '', documentOf(part.found))
    }
    return names.map((name) => found.get(name))
  }

  async query(query: DocumentQuery): Promise<StoredDocument[]> {
    const request = { parent: `${this.#database}/documents`, structuredQuery: structuredQuery(query) }
    const parts = await collect(this.#client.runQuery(request, this.#callOptions))
    return parts.flatMap(({ document }) => (document ? [documentOf(document)] : []))
  }

  /** Asks for a composite index, all of it ascending; resolves when it is being built. */
  async createIndex(collection: string, fields: readonly string[]): Promise<void> {
    const admin = this.#openAdmin()
    try {
      const index = {
        queryScope: 'COLLECTION' as const,
        fields: fields.map((fieldPath) => ({ fieldPath, order: 'ASCENDING' as const })),
      }
      await admin.createIndex({ parent: `${this.#database}/collectionGroups/${collection}`, index }, this.#callOptions)
    } finally {
      await admin.close()
    }
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  get #database(): string {
    return `projects/${this.projectId}/databases/${this.databaseId}`
  }

  #name(path: string): string {
    return `${this.#database}/documents/${path}`
  }

  #toWrite(write: DocumentWrite): Write {
    if ('remove' in write) return { delete: this.#name(write.remove) }
    const { set, fields, only, condition } = write
    return {
      // The library's types have no read-only lists; it does not change them.
      update: { name: this.#name(set), fields: fields as Fields },
      ...(only === undefined ? {} : { updateMask: { fieldPaths: [...only] } }),
      ...(condition === undefined ? {} : { currentDocument: condition as Precondition }),
    }
  }
}

interface RawDocument {
  readonly name?: string | null
  readonly fields?: FieldValues | null
  readonly updateTime?: ProtocolTimestamp | null
}

/** Of both kinds of answers that come in parts. */
interface Part {
  readonly found?: RawDocument | null
  readonly document?: RawDocument | null
}

/** By events: where nothing is repeated, the library's streams pass data on to listeners only, and not to iterators. */
function collect(stream: NodeJS.EventEmitter): Promise<Part[]> {
  return new Promise((resolve, reject) => {
    const parts: Part[] = []
    stream.on('data', (part: Part) => parts.push(part))
    stream.on('end', () => resolve(parts))
    stream.on('error', reject)
  })
}

function documentOf({ name, fields, updateTime }: RawDocument): StoredDocument {
  return { name: name ?? '', fields: fields ?? {}, updateTime: updateTime ?? {} }
}

function structuredQuery({ collection, where, orderBy, select, limit, after }: DocumentQuery): object {
  const filters = where.map(({ field, op, value }) => ({ fieldFilter: { field: { fieldPath: field }, op, value } }))
  const values: FieldValue[] = after === undefined ? [] : [after.value, { referenceValue: after.name }]
  return {
    from: [{ collectionId: collection }],
    where: { compositeFilter: { op: 'AND', filters } },
    orderBy: [orderBy, '__name__'].map((fieldPath) => ({ field: { fieldPath }, direction: 'ASCENDING' })),
    select: { fields: select.map((fieldPath) => ({ fieldPath })) },
    limit: { value: limit },
    ...(after === undefined ? {} : { startAt: { values, before: false } }),
  }
}

function endpointOf({ endpoint = process.env.FIRESTORE_EMULATOR_HOST }: FirestoreClientOptions): string | undefined {
  return endpoint === '' ? undefined : endpoint
}

function plainSettings({ projectId, keyFilename }: FirestoreClientOptions): NonNullable<Settings> {
  return {
    ...(projectId === undefined ? {} : { projectId }),
    ...(keyFilename === undefined ? {} : { keyFilename }),
  }
}

/** Connection without encryption and credentials. */
function emulatorSettings(options: FirestoreClientOptions): NonNullable<Settings> {
  const endpoint = endpointOf(options)
  if (endpoint === undefined) return {}
  const match = /^(?:https?:\/\/)?(?<host>.+):(?<port>\d+)\/?$/.exec(endpoint)
  if (match?.groups === undefined) {
    throw new EdsError('configuration', `"${endpoint}" is not the address of a Firestore emulator`, {
      fix: 'give <host>:<port>',
    })
  }
  const { grpc, googleAuthLibrary } = loadGax()
  return {
    servicePath: match.groups.host ?? '',
    port: Number(match.groups.port),
    sslCreds: grpc.credentials.createInsecure(),
    authClient: new googleAuthLibrary.PassThroughClient(),
  }
}

/** The very copy that the client uses: credentials of another one are not accepted. */
function loadGax(): typeof import('google-gax') {
  const client = createRequire(import.meta.url).resolve('@google-cloud/firestore')
  return createRequire(client)('google-gax')
}
