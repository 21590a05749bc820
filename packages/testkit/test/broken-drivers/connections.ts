import { closeSync, openSync } from 'node:fs'
import { EdsError, isEdsError } from '@eds/core'
import { memoryDriver } from '@eds/testkit'
import { z } from 'zod'
import { broken, type MakeDriver } from './broken.js'

/** What a driver did not give back, given back when the test ends. */
export const leftBehind: (() => void)[] = []

const never = new AbortController().signal

/** The sound driver's error, put differently. */
async function translated<T>(task: Promise<T>, translate: (error: EdsError) => unknown): Promise<T> {
  try {
    return await task
  } catch (error) {
    throw isEdsError(error) ? translate(error) : error
  }
}

/** Drivers that say the wrong thing when something is wrong, or hold on to what they should let go. */
export const brokenConnections = {
  tellsThePassword: broken('Tells the password', ({ connect }, { password }) => ({
    connect: (signal) =>
      translated(connect(signal), ({ code, message }) => new EdsError(code, `${message}: ${password}`)),
  })),

  tellsThePasswordInACause: broken('Tells the password in a cause', ({ write }, { password }) => ({
    write: (batch, signal) =>
      translated(write(batch, signal), ({ code, message, ...options }) => {
        return new EdsError(code, message, { ...given(options), cause: new Error(`no answer to ${password}`) })
      }),
  })),

  tellsThePasswordOfAnEvent: broken('Tells the password with a refused event', ({ write }, { password }) => ({
    async write(batch, signal) {
      const result = await write(batch, signal)
      const failures = result.failures?.map(({ index, error }) => {
        return {
          index,
          error: new EdsError(error.code, `${error.message} by memory://:${encodeURIComponent(password)}@`),
        }
      })
      return failures === undefined ? result : { failures }
    },
  })),

  logsThePassword: broken('Logs the password', ({ close }, config, { logger }) => ({
    async close() {
      logger.debug({ config }, 'closing')
      await close()
    },
  })),

  reportsThePassword: broken('Reports the password', (_, { password }) => ({
    probe: { test: async () => ({ summary: 'Memory', warnings: [`the password ${password} is short`] }) },
  })),

  takesAnOutageForTheUnknown: broken('Takes an outage for something unknown', ({ connect }) => ({
    connect: (signal) => translated(connect(signal), ({ code, message }) => new EdsError(asUnknown(code), message)),
  })),

  takesRefusalForAnOutage: broken('Takes refused credentials for an outage', ({ connect }) => ({
    connect: (signal) => translated(connect(signal), ({ message }) => new EdsError('connection', message)),
  })),

  ignoresTheSignal: broken('Ignores the signal', ({ write }) => ({
    write: (batch) => write(batch, never),
  })),

  leaksTimers: broken('Leaks timers', ({ connect }) => ({
    async connect(signal) {
      const timer = setInterval(() => {}, 60_000)
      leftBehind.push(() => clearInterval(timer))
      await connect(signal)
    },
  })),

  leaksFiles: broken('Leaks files', ({ probe }) => ({
    probe: {
      test(signal) {
        const descriptor = openSync(process.execPath, 'r')
        leftBehind.push(() => closeSync(descriptor))
        return probe!.test(signal)
      },
    },
  })),

  closesWithAnError: broken('Closes with an error', ({ close }) => {
    let closes = 0
    return {
      async close() {
        await close()
        if (++closes > 1) throw new Error('closed already')
      },
    }
  }),

  hidesThePasswordByNameOnly: ((database) => ({
    ...memoryDriver(database),
    config: z.object({ database: z.string(), password: z.string().default('') }),
  })) satisfies MakeDriver,
}

function asUnknown(code: EdsError['code']): EdsError['code'] {
  return code === 'connection' ? 'unknown' : code
}

/** The options that an error had. */
function given({ index, table }: Partial<EdsError>): { index?: number; table?: string } {
  return { ...(index === undefined ? {} : { index }), ...(table === undefined ? {} : { table }) }
}
