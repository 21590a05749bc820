import { usageError } from '../exit-codes.js'
import type { ControlActions } from '../http/control-routes.js'
import type { ProgramLogger } from '../logging/create-logger.js'
import type { Supervisor } from './supervisor.js'
import type { WorkerDesk } from './worker-desk.js'

export interface RoomControlParts {
  readonly supervisor: Pick<Supervisor, 'restart' | 'end'>
  readonly workers: Pick<WorkerDesk, 'pause' | 'unpause'>
  readonly logger: Pick<ProgramLogger, 'rotateFile'>
}

/** What `/control` can do while there is no worker. */
export function roomControls(parts: () => RoomControlParts): ControlActions {
  return {
    pause: () => parts().workers.pause(),
    unpause: () => void parts().workers.unpause(),
    shutdown: () => parts().supervisor.end(),
    // A worker that does not come up tells of itself in the log.
    restart: () =>
      void parts()
        .supervisor.restart()
        .catch(() => {}),
    rotateLog: () => parts().logger.rotateFile(),
    settleDeadLetters: async () => {
      throw usageError('nothing is being delivered', 'try again when the server delivers')
    },
  }
}
