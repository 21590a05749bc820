import type { CommandIo } from '../command.js'
import { usageError } from '../exit-codes.js'
import { isContainer } from '../host/is-container.js'
import type { InstalledVersion, Upgrader } from '../supervisor/upgrader.js'
import { version as ownVersion } from '../version.js'
import { handOver } from './hand-over.js'
import { installVersion } from './install-version.js'
import { npmClient } from './npm.js'
import { releaseKey } from './release-key.js'
import { VersionDirectory } from './version-directory.js'

const startMs = 600_000

export interface NpmUpgraderOptions {
  readonly dataDirectory: string
  readonly io: Pick<CommandIo, 'environment' | 'workingDirectory'>
  /** The command line that this program was called with. */
  readonly words: readonly string[]
}

/** Upgrades a server that was installed by npm, into `<data-dir>/versions`. */
export function npmUpgrader(options: NpmUpgraderOptions): Upgrader {
  const { environment } = options.io
  const versions = new VersionDirectory(options.dataDirectory)
  return {
    install: async (wanted, signal) => {
      if (isContainer(environment)) {
        throw usageError('a server in a container is not upgraded from within', 'start a newer image')
      }
      const installation = { npm: npmClient(environment), versions, publicKey: releaseKey(), signal }
      return installedVersion(options, versions, await installVersion(wanted, installation))
    },
  }
}

/**
 * The version that an earlier upgrade put in the place of this one; `undefined` when this one is to run. One that fails to start is not
 * chosen again.
 */
export async function upgradedVersion(options: NpmUpgraderOptions): Promise<InstalledVersion | undefined> {
  if (isContainer(options.io.environment)) return undefined
  const versions = new VersionDirectory(options.dataDirectory)
  const chosen = await versions.newerThan(ownVersion())
  if (chosen === undefined) return undefined
  const installed = installedVersion(options, versions, chosen)
  return {
    version: chosen,
    run: async (signal) => {
      const exitCode = await installed.run(signal)
      if (exitCode === undefined) await versions.forgetChoice()
      return exitCode
    },
  }
}

function installedVersion(
  { io, words }: NpmUpgraderOptions,
  versions: VersionDirectory,
  version: string,
): InstalledVersion {
  return {
    version,
    run: (signal) => {
      const program = versions.programOf(version)
      const { environment, workingDirectory: directory } = io
      const onStarted = () => versions.choose(version)
      return handOver({ program, words, environment, directory, startMs, onStarted }, signal)
    },
  }
}
