import type { DeadLetter, DeadLetterLog, DeadLetterStatus } from '../../src/index.js'

/** A dead letter made by hand. */
export function makeLetter(id: string, fields: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id,
    sink: 'main',
    at: 1000,
    status: 'open',
    code: 'record',
    reason: 'value too long',
    table: 'order',
    rowKey: `order\u0000${id}`,
    time: 900,
    bytes: Buffer.from(`{"id":"${id}"}`),
    ...fields,
  }
}

export async function listed(log: DeadLetterLog, status?: DeadLetterStatus[]): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = []
  for await (const letter of log.list(status && { status }))
    letters.push({ ...letter, bytes: Buffer.from(letter.bytes) })
  return letters
}

export async function statuses(log: DeadLetterLog, status?: DeadLetterStatus[]): Promise<string[]> {
  return (await listed(log, status)).map((letter) => `${letter.id} ${letter.status}`)
}
