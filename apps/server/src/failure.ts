import { type EdsError, isEdsError, toEdsError } from '@eds/core'
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.js'

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandFailure) return error.exitCode
  return isEdsError(error) && error.code === 'configuration' ? exitCodes.usage : exitCodes.error
}

/** One line: what is wrong, and what to do about it. Not masked. */
export function errorLine(error: unknown): string {
  const text = error instanceof CommandFailure ? error.message : withFix(toEdsError(error))
  return text.replace(/\s*\n\s*/g, ' ').trim()
}

/** `message: fix`, the fix being what the reader can do. */
export function withFix({ message, fix }: Pick<EdsError, 'message' | 'fix'>): string {
  return fix === undefined ? message : `${message}: ${fix}`
}
