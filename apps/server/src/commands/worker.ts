import type { Command } from '../command.js'
import { runWorker } from '../worker/run-worker.js'
import { SupervisorLink } from '../worker/supervisor-link.js'

/** What `eds server` starts and supervises; not for people. */
export const command: Command = async ({ io, redactor }) => {
  const link = SupervisorLink.attach(process)
  try {
    return await runWorker(link, { io, redactor })
  } finally {
    link.close()
  }
}
