import type { ConnectionProbe, ProbeReport } from '@eds/core'
import { addressOf, type EventHubConfig } from './config.js'
import { HubSession } from './hub-session.js'

/** Looks whether the hub is there and may be sent to, on a connection of its own. Sends nothing. */
export class Probe implements ConnectionProbe {
  readonly #config: EventHubConfig

  constructor(config: EventHubConfig) {
    this.#config = config
  }

  async test(signal: AbortSignal): Promise<ProbeReport> {
    const session = await HubSession.open(this.#config, signal)
    try {
      const { name, partitionIds } = await session.run(signal, (both) =>
        session.client.getEventHubProperties({ abortSignal: both }),
      )
      const { host, emulator } = addressOf(this.#config)
      return {
        summary: `Event Hubs at ${host}, hub "${name}", ${partitionIds.length} partitions`,
        warnings: emulator ? ['UseDevelopmentEmulator=true: the connection is not encrypted'] : [],
      }
    } finally {
      await session.close()
    }
  }
}
