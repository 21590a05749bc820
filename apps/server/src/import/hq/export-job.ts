import { type Clock, EdsError, isEdsError } from '@eds/core'
import type { ExportRequest, ExportStatus, HqApi } from '@eds/hq'
import { usageError } from '../../exit-codes.js'

const pollMs = 5_000

/** An export that HQ makes. */
export interface ExportJob {
  readonly id: string
  readonly status: () => Promise<ExportStatus>
  /** Waits before the next look. */
  readonly pause: () => Promise<void>
}

export interface ExportJobParts {
  readonly api: Pick<HqApi, 'exportBulk' | 'exportStatus'>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Asks HQ for an export, or goes on with the one that has this id. */
export async function openExportJob(
  { api, clock, signal }: ExportJobParts,
  wanted: { readonly jobId: string } | ExportRequest,
): Promise<ExportJob> {
  const id = 'jobId' in wanted ? wanted.jobId : await api.exportBulk(wanted, signal)
  // It names a folder.
  if (!/^\w[\w.-]*$/.test(id)) throw new EdsError('configuration', `${JSON.stringify(id)} is no id of an export job`)
  return {
    id,
    status: () =>
      api.exportStatus(id, signal).catch((error: unknown) => {
        if (!isEdsError(error) || error.code !== 'configuration') throw error
        throw usageError(`HQ does not know the export job ${id} (${error.message})`, 'import again without --job-id')
      }),
    pause: () => clock.sleep(pollMs, signal),
  }
}
