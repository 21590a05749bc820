import type { JournalEntry } from './journal.js'

/** An entry as one text: when it was stored, a line feed, the event. */
export function storedEntry(time: number, text: string): string {
  return `${time}\n${text}`
}

export function parseEntry(sequence: number, value: string): JournalEntry {
  const end = value.indexOf('\n')
  return { sequence, time: Number(value.slice(0, end)), text: value.slice(end + 1) }
}
