import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks per second of /proc; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

interface ProcessTimes {
  readonly parent: number
  readonly ticks: number
  readonly reapedTicks: number
}

/**
 * CPU time of a server and its children, microseconds since it started: the process whose command line names the port. Linux
 * only; elsewhere 0.
 */
export function serverCpuMicros(program: string, port: number): number {
  const processes = processTable()
  const root = [...processes.keys()].find((pid) => isServer(pid, program, port))
  if (root === undefined) return 0
  let ticks = 0
  for (const [pid, times] of processes) {
    if (pid === root) ticks += times.ticks + times.reapedTicks
    else if (times.parent === root) ticks += times.ticks
  }
  return (ticks * 1e6) / ticksPerSecond
}

/** CPU time of one process, microseconds since it started. Linux only; elsewhere 0. */
export function cpuMicrosOf(pid: number): number {
  return ((parseStat(read(`/proc/${pid}/stat`))?.ticks ?? 0) * 1e6) / ticksPerSecond
}

function isServer(pid: number, program: string, port: number): boolean {
  const args = read(`/proc/${pid}/cmdline`).split('\0')
  return (args[0]?.endsWith(program) ?? false) && args.some((arg) => arg.includes(String(port)))
}

function processTable(): Map<number, ProcessTimes> {
  const table = new Map<number, ProcessTimes>()
  for (const entry of list('/proc')) {
    const pid = Number(entry)
    const times = Number.isInteger(pid) ? parseStat(read(`/proc/${pid}/stat`)) : undefined
    if (times) table.set(pid, times)
  }
  return table
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields after the name, which may hold blanks. */
function parseStat(text: string): ProcessTimes | undefined {
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [, parent] = fields
  const [user, system, reapedUser, reapedSystem] = fields.slice(11, 15)
  if (parent === undefined || user === undefined || system === undefined) return undefined
  return { parent, ticks: user + system, reapedTicks: (reapedUser ?? 0) + (reapedSystem ?? 0) }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
