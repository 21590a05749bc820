import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { writeJson } from './atomic-file.js'
import { withLock } from './lock.js'
import { servicesFolder } from './machine.js'
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.js'
import { stopProcess } from './server-process.js'

/**
 * Below the range that systems give to outgoing connections (Linux: from 32768). Above it, another connection could
 * take the port while its server restarts, or a client that reconnects all the time could connect to itself.
 */
const lowest = 26_000
const highest = 32_000
const lockTimeoutMs = 60_000

/** Who uses a port, and what is to be cleaned up when that process is no more. */
interface Reservation {
  readonly owner: ProcessIdentity | undefined
  readonly folder: string
  readonly server?: ProcessIdentity
}

/** Reserves a free loopback port for this process, also against others that look for one or restart on theirs. */
export function reservePort(folder: string, random: () => number = Math.random): Promise<number> {
  return withPorts(async () => {
    const taken = await reservedPorts()
    for (let attempt = 0; attempt < 100; attempt++) {
      const port = lowest + Math.floor(random() * (highest - lowest))
      if (taken.includes(port) || !(await isFree(port))) continue
      await record(port, { folder })
      return port
    }
    throw new Error(`no free port between ${lowest} and ${highest}`)
  })
}

/** Notes the server that now runs on a port of ours. */
export async function record(port: number, rest: Omit<Reservation, 'owner'>): Promise<void> {
  const reservation: Reservation = { owner: identityOf(process.pid), ...rest }
  await writeJson(reservationFile(port), reservation)
}

/** Gives a port back. */
export async function releasePort(port: number): Promise<void> {
  await rm(reservationFile(port), { force: true })
}

/** Kills the servers of processes that ended without removing them, and deletes their data. */
export function sweepAbandoned(): Promise<void> {
  return withPorts(async () => {
    for (const port of await reservedPorts()) {
      const reservation = await readReservation(port)
      if (reservation && !(reservation.owner && isRunning(reservation.owner))) await cleanUp(port, reservation)
    }
  })
}

async function cleanUp(port: number, { server, folder }: Reservation): Promise<void> {
  if (server) await stopProcess(server, 'SIGKILL')
  await rm(folder, { recursive: true, force: true })
  await releasePort(port)
}

function portsFolder(): string {
  return join(servicesFolder(), 'ports')
}

function reservationFile(port: number): string {
  return join(portsFolder(), String(port))
}

async function withPorts<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(portsFolder(), { recursive: true })
  return withLock(join(servicesFolder(), 'locks', 'ports'), lockTimeoutMs, work)
}

async function reservedPorts(): Promise<readonly number[]> {
  return (await readdir(portsFolder())).map(Number).filter(Number.isInteger)
}

/** Undefined when its owner has just released it. */
async function readReservation(port: number): Promise<Reservation | undefined> {
  try {
    return JSON.parse(await readFile(reservationFile(port), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port }, () => server.close(() => resolve(true)))
  })
}
