import { EdsError, type SchemaRegistry } from '@eds/core'
import type { SimulatedProcess } from './simulated-process.js'
import { schemaOf } from './workload.js'

/** One process's view of a schema registry that cannot always be reached. */
export function simulatedRegistry(process: SimulatedProcess): SchemaRegistry {
  return {
    async get(table, modelVersion) {
      await process.point(`registry.get ${table} ${modelVersion}`)
      if (process.world.fails('registryFails'))
        throw new EdsError('connection', 'the simulated registry is out of reach')
      return schemaOf(table, modelVersion)
    },
    latest: async () => new Map(),
  }
}
