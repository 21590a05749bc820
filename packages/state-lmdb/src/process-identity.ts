import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Tells one process from every other, also from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** When the process started, in whatever form the system gives it. */
  readonly started: string
  readonly host: string
  /** Changes when the machine restarts. Empty where the system has no such thing. */
  readonly boot: string
  /** Within one the numbers of processes are unique; every container has its own. Empty where the system has no such thing. */
  readonly pidNamespace: string
}

/** What can be found out about the owner of a folder. */
export interface OwnerEvidence {
  /** `started` of the process that has this number now; `undefined` when there is none. */
  startOf(pid: number): string | undefined
  /** Milliseconds since the owner last said that it lives. */
  silenceMs(): number
}

/** An owner that cannot be looked up (it runs in another container) counts as gone after this silence, milliseconds. */
export const maxSilenceMs = 20_000

/** Whether the process that opened a folder still has it. */
export function isOwnerAlive(owner: ProcessIdentity, self: ProcessIdentity, evidence: OwnerEvidence): boolean {
  if (owner.boot !== self.boot) return false
  if (owner.pidNamespace !== self.pidNamespace) return evidence.silenceMs() < maxSilenceMs
  return evidence.startOf(owner.pid) === owner.started
}

export function currentProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    started: processStart(process.pid) ?? '',
    host: hostname(),
    boot: readSystemFile('/proc/sys/kernel/random/boot_id') ?? '',
    pidNamespace: pidNamespace(),
  }
}

/** When a process started; `undefined` when there is none with this number, or it has ended and was only not collected yet. */
export function processStart(pid: number): string | undefined {
  return process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid)
}

function startFromProc(pid: number): string | undefined {
  const stat = readSystemFile(`/proc/${pid}/stat`)
  // The second field, the program's name in brackets, may hold spaces and brackets itself.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields?.[0]
  return state === 'Z' || state === 'X' ? undefined : fields?.[19]
}

function startFromPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function readSystemFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}
