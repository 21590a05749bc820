import { randomUUID } from 'node:crypto'
import { shopCompanies, shopSchemas } from '@eds/shop'
import { ExportStore } from './export-store.js'
import { FaultQueue } from './faults.js'
import { createHandle } from './handle.js'
import type { HqSim, HqSimOptions } from './hq-sim.js'
import { ApiServer } from './http/api-server.js'
import type { HttpContext } from './http/context.js'
import { Journal } from './journal.js'
import { MessageBus } from './message-bus.js'
import { sessionPermissions } from './permissions.js'
import { SchemaShelf } from './schema-shelf.js'
import { SecretLedger } from './secret-ledger.js'

const defaultLifetimeMs = 25 * 3_600_000

/** Starts an HQ: takes about a second. Rejects, with nothing left behind, when NATS or the port cannot be had. */
export async function startHqSim(options: HqSimOptions = {}): Promise<HqSim> {
  const server = await ApiServer.listen(options.port)
  try {
    return await startBehind(server, options)
  } catch (error) {
    await server.close()
    throw error
  }
}

async function startBehind(server: ApiServer, options: HqSimOptions): Promise<HqSim> {
  const journal = new Journal()
  const bus = await MessageBus.start(options, journal)
  const companies = options.companies ?? shopCompanies(3)
  const context = createContext(options, { journal, bus, url: server.url, companies })
  await server.serve(context)
  return createHandle({ context, bus, server, companies })
}

interface Parts {
  readonly journal: Journal
  readonly bus: MessageBus
  readonly url: string
  readonly companies: readonly string[]
}

function createContext(options: HqSimOptions, { journal, bus, url, companies }: Parts): HttpContext {
  const { serverId = randomUUID(), credentialLifetimeMs = defaultLifetimeMs } = options
  const secrets = new SecretLedger()
  const schemas = new SchemaShelf(options.schemas ?? shopSchemas().versions)
  return {
    url,
    serverId,
    apiKey: secrets.apiKey(url, serverId),
    enrollmentCodes: new Set(),
    journal,
    secrets,
    faults: new FaultQueue(),
    schemas,
    exports: new ExportStore(schemas),
    issueCredentials: (sessionId) =>
      bus.authority.issue(
        serverId,
        sessionPermissions(sessionId, companies),
        new Date(Date.now() + credentialLifetimeMs),
      ),
  }
}
