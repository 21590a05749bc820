import { EdsError, type EdsErrorOptions, type ErrorCode, isEdsError } from '@eds/core'
import { StoreError } from './store.js'

type Verdict = readonly [code: ErrorCode, fix?: string]

const reasons: Readonly<Record<StoreError['reason'], Verdict>> = {
  unreachable: ['connection'],
  denied: ['authentication', 'put the right password into the URL'],
}

/** Whatever a call of the store threw → the error of the contract. `place` names the destination, without secrets. */
export function toStoreError(error: unknown, place: string): EdsError {
  if (isEdsError(error)) return error
  const [code, fix] = verdictOn(error)
  const message = error instanceof Error ? error.message : String(error)
  const options: EdsErrorOptions = { cause: error, ...(fix === undefined ? {} : { fix }) }
  return new EdsError(code, `${place}: ${message}`, options)
}

function verdictOn(error: unknown): Verdict {
  return error instanceof StoreError ? reasons[error.reason] : ['unknown']
}
