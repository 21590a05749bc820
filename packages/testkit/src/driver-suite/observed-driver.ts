import type { Driver } from '@eds/core'

/** Told of whatever a call rejected with or reported as a failure. */
export type SeeError = (call: string, error: unknown) => void

/** The same driver, with somebody looking at its errors. Each method is called before the wrapped one returns. */
export function observed(driver: Driver, see: SeeError): Driver {
  const watch = async <T>(call: string, task: () => Promise<T>): Promise<T> => {
    try {
      return await task()
    } catch (error) {
      see(call, error)
      throw error
    }
  }
  const { schema, importer, probe } = driver
  return {
    connect: (signal) => watch('connect', () => driver.connect(signal)),
    write: (batch, signal) =>
      watch('write', async () => {
        const result = await driver.write(batch, signal)
        for (const { error } of result.failures ?? []) see('write', error)
        return result
      }),
    close: () => watch('close', () => driver.close()),
    ...(schema && {
      schema: { prepare: (schemas, signal) => watch('prepare', () => schema.prepare(schemas, signal)) },
    }),
    ...(importer && { importer: { load: (request, signal) => watch('load', () => importer.load(request, signal)) } }),
    ...(probe && { probe: { test: (signal) => watch('test', () => probe.test(signal)) } }),
  }
}
