import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process that can be told apart from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in the system's own words. */
  readonly started: string
}

/** Undefined when there is no such process, or only its unreaped remains. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const started = process.platform === 'linux' ? startedByProc(pid) : startedByPs(pid)
  return started === undefined ? undefined : { pid, started }
}

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identityOf(identity.pid)?.started === identity.started
}

/** The process and everything below it, or nothing if it has ended. Other systems than Linux: the process alone. */
export function processTree(root: ProcessIdentity): readonly ProcessIdentity[] {
  if (!isRunning(root)) return []
  if (process.platform !== 'linux') return [root]
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  const parents = pids.map((pid) => ({ pid, parent: Number(statFields(pid)?.[1] ?? 0) }))
  const tree = [root]
  // Grows while it is walked: breadth first.
  for (const { pid } of tree) {
    const children = parents.filter(({ parent }) => parent === pid).map((child) => identityOf(child.pid))
    tree.push(...children.filter((child) => child !== undefined))
  }
  return tree
}

/** The fields of `/proc/<pid>/stat` that follow the command's name (proc(5)): 0 is the state, 1 the parent, 19 the start. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

function startedByProc(pid: number): string | undefined {
  const fields = statFields(pid)
  return fields && !(fields[0] === 'Z' && !hasLivingThreads(pid)) ? fields[19] : undefined
}

/** The first thread of a killed process can be over while others still hold its files and ports. */
function hasLivingThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).length > 1
  } catch {
    return false
  }
}

function startedByPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '')
  } catch {
    return undefined
  }
}
