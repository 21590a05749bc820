import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { SystemUser } from './service-definition.js'

/** State, data and logs of every server; `EDS_SERVICES_DIR` moves it. */
export function servicesFolder(): string {
  return process.env.EDS_SERVICES_DIR || join(tmpdir(), 'eds-services')
}

/** Executables built here, kept between runs. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'eds-services')
}

/** First folder of `folders`, then of PATH, that has the executable. */
export function findExecutable(name: string, folders: readonly string[] = []): string | undefined {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...folders, ...path].map((folder) => join(folder, name)).find(isExecutable)
}

/** Whether a file exists and the current user may execute it. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** True for the superuser of a POSIX system. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** CI systems set `CI=true`; `CI=false` and `CI=` mean no. */
export function isContinuousIntegration(): boolean {
  return !['', '0', 'false'].includes(process.env.CI ?? '')
}

/** Best knowledge, from the marks that container runtimes leave. */
export function isContainer(): boolean {
  const marks = ['/.dockerenv', '/run/.containerenv']
  return marks.some((mark) => existsSync(mark)) || Boolean(process.env.container || process.env.KUBERNETES_SERVICE_HOST)
}

/** Numeric ids of a system user; throws when there is no such user. */
export function systemUser(name: string): SystemUser {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { name, uid: id('-u'), gid: id('-g') }
}
