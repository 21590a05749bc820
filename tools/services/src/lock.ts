import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.js'

const pollMs = 50

/**
 * Runs `work` while no other process and no other call of this one is inside the same folder's lock.
 * A holder that died is noticed at once. Rejects when the lock cannot be had within `timeoutMs`.
 */
export async function withLock<T>(folder: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true })
  const ticket = await acquire(folder, Date.now() + timeoutMs)
  try {
    return await work()
  } finally {
    await writeFile(ticketFile(folder, ticket), 'released')
  }
}

/**
 * Tickets are numbered files. Only the one who creates the ticket after a finished one holds the lock, and the newest
 * ticket is never deleted: so two that saw the same dead holder cannot both take over.
 */
async function acquire(folder: string, deadline: number): Promise<number> {
  for (;;) {
    const newest = await newestTicket(folder)
    const holder = newest === 0 ? undefined : await holderOf(folder, newest)
    if (!holder && (await create(folder, newest + 1))) {
      if ((await newestTicket(folder)) === newest + 1) {
        await removeOlder(folder, newest + 1)
        return newest + 1
      }
      await rm(ticketFile(folder, newest + 1), { force: true })
    }
    if (Date.now() > deadline) {
      throw new Error(
        `another process (${holder?.pid ?? 'unknown'}) has kept ${folder} for too long; stop it and try again`,
      )
    }
    if (holder) await delay(pollMs)
  }
}

function ticketFile(folder: string, ticket: number): string {
  return join(folder, `ticket-${ticket}`)
}

async function tickets(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder)
  return names.filter((name) => /^ticket-\d+$/.test(name)).map((name) => Number(name.slice('ticket-'.length)))
}

async function newestTicket(folder: string): Promise<number> {
  return Math.max(0, ...(await tickets(folder)))
}

async function removeOlder(folder: string, than: number): Promise<void> {
  const old = (await tickets(folder)).filter((ticket) => ticket < than)
  await Promise.all(old.map((ticket) => rm(ticketFile(folder, ticket), { force: true })))
}

/** The living process that holds a ticket, if it is still held. */
async function holderOf(folder: string, ticket: number): Promise<ProcessIdentity | undefined> {
  try {
    const text = await readFile(ticketFile(folder, ticket), 'utf8')
    if (text === 'released') return undefined
    const holder: ProcessIdentity = JSON.parse(text)
    return isRunning(holder) ? holder : undefined
  } catch {
    // Deleted by a newer holder, or half written as released: look again.
    return undefined
  }
}

/** True when this call made the ticket. Linking makes name and contents appear in one step. */
async function create(folder: string, ticket: number): Promise<boolean> {
  const own = join(folder, `new-${process.pid}-${crypto.randomUUID()}`)
  await writeFile(own, JSON.stringify(identityOf(process.pid)))
  try {
    await link(own, ticketFile(folder, ticket))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(own, { force: true })
  }
}
