import { toEdsError } from '@eds/core'
import { CommandFailure, exitCodes } from '../exit-codes.js'
import { withFix } from '../failure.js'
import { createDriver, type LoadOptions } from './run-import.js'

/**
 * Tests the destination and resolves to a line about it, with warnings.
 *
 * @throws CommandFailure (exit code 3) with the reason.
 */
export async function testDestination(
  { sink, logger }: Pick<LoadOptions, 'sink' | 'logger'>,
  signal: AbortSignal,
): Promise<{ summary: string; warnings: readonly string[] }> {
  const driver = createDriver({ sink, logger })
  try {
    if (driver.probe) return await driver.probe.test(signal)
    await driver.connect(signal)
    return { summary: sink.definition.title, warnings: [] }
  } catch (error) {
    throw new CommandFailure(exitCodes.usage, `the destination cannot be used: ${withFix(toEdsError(error))}`, error)
  } finally {
    await driver.close()
  }
}
