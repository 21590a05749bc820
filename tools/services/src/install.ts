import { mkdir } from 'node:fs/promises'
import { findExecutable, isRoot } from './machine.js'
import { runCommand } from './run-command.js'
import type { Installer } from './service-definition.js'

const installTimeoutMs = 15 * 60_000

/** Debian's and Ubuntu's packages. Needs root. */
export function aptInstaller(packages: readonly string[]): Installer {
  return {
    label: `apt-get install ${packages.join(' ')}`,
    available: () => isRoot() && findExecutable('apt-get') !== undefined,
    run: async () => {
      const environment = {
        DEBIAN_FRONTEND: 'noninteractive',
        // invoke-rc.d starts no service in run level 1: the packages must not bring up servers of their own.
        RUNLEVEL: '1',
      }
      const apt = (...args: string[]) =>
        runCommand(
          { file: 'apt-get', args: ['-o', 'DPkg::Lock::Timeout=300', '-y', '-q', ...args] },
          { environment, timeoutMs: installTimeoutMs },
        )
      await apt('update')
      await apt('install', '--no-install-recommends', ...packages)
    },
  }
}

/** Builds a Go program of a pinned version into `folder`; needs a Go tool chain, changes nothing else. */
export function goInstaller(program: string, folder: string): Installer {
  return {
    label: `go install ${program}`,
    available: () => goTool() !== undefined,
    run: async () => {
      await mkdir(folder, { recursive: true })
      const environment = { GOBIN: folder, GOFLAGS: '', CGO_ENABLED: '0' }
      await runCommand(
        { file: goTool() ?? 'go', args: ['install', '-trimpath', program] },
        { environment, timeoutMs: installTimeoutMs },
      )
    },
  }
}

/** The Go tool chain, if this machine has one. */
export function goTool(): string | undefined {
  return findExecutable('go', ['/usr/local/go/bin'])
}
