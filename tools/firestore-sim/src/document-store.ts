import { checkDocument } from './limits.js'
import type { Document, Fields, Timestamp, Value, Write, WriteResult } from './protocol.js'
import { Refusal } from './refusal.js'
import { compareTimestamps } from './values.js'

/** All documents of the server. Commits are atomic, and no two have the same time. */
export class DocumentStore {
  readonly #documents = new Map<string, Document>()
  #lastTime = 0

  get(name: string): Document | undefined {
    return this.#documents.get(name)
  }

  /** The documents right below `parent` in this collection. */
  list(parent: string, collection: string): Document[] {
    const prefix = `${parent}/${collection}/`
    return [...this.#documents.values()].filter(
      ({ name }) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/'),
    )
  }

  /** Later than everything before, to the microsecond. */
  nextTime(): Timestamp {
    this.#lastTime = Math.max(this.#lastTime + 1, Date.now() * 1_000)
    const seconds = Math.floor(this.#lastTime / 1_000_000)
    return { seconds: String(seconds), nanos: (this.#lastTime - seconds * 1_000_000) * 1_000 }
  }

  /** Applies all writes or, with a refusal, none. */
  commit(writes: readonly Write[]): { results: WriteResult[]; time: Timestamp } {
    const time = this.nextTime()
    const changed = new Map<string, Document | undefined>()
    const current = (name: string) => (changed.has(name) ? changed.get(name) : this.#documents.get(name))
    const results = writes.map((write) => {
      const name = nameOf(write)
      const before = current(name)
      checkPrecondition(write, name, before)
      const after = applied(write, before, time)
      changed.set(name, after)
      return after?.updateTime === undefined ? {} : { updateTime: after.updateTime }
    })
    for (const [name, document] of changed) {
      if (document === undefined) this.#documents.delete(name)
      else this.#documents.set(name, document)
    }
    return { results, time }
  }
}

function nameOf({ update, delete: deleted, transform, updateTransforms = [] }: Write): string {
  const name = update?.name ?? deleted
  if (name === undefined || transform !== undefined || updateTransforms.length > 0) {
    throw new Refusal('UNIMPLEMENTED', 'transforms are not simulated')
  }
  return name
}

function checkPrecondition({ currentDocument = {} }: Write, name: string, before: Document | undefined): void {
  const { exists, updateTime } = currentDocument
  if (exists === false && before !== undefined) throw new Refusal('ALREADY_EXISTS', `Document already exists: ${name}`)
  if ((exists === true || updateTime !== undefined) && before === undefined) {
    throw new Refusal('NOT_FOUND', `No document to update: ${name}`)
  }
  if (updateTime !== undefined && compareTimestamps(updateTime, before?.updateTime ?? {}) !== 0) {
    const text = 'the stored version does not match the required base version'
    throw new Refusal('FAILED_PRECONDITION', `${text}: ${name}`)
  }
}

function applied({ update, updateMask }: Write, before: Document | undefined, time: Timestamp): Document | undefined {
  if (update === undefined) return undefined
  const { name, fields = {} } = update
  const all = updateMask === undefined ? fields : masked(before?.fields ?? {}, fields, updateMask.fieldPaths ?? [])
  checkDocument(name, all)
  return { name, fields: all, createTime: before?.createTime ?? time, updateTime: time }
}

/** Only whole fields of the top level can be named. */
function masked(before: Fields, after: Fields, paths: readonly string[]): Fields {
  const fields: Record<string, Value> = { ...before }
  for (const path of paths) {
    if (/[.`]/.test(path)) throw new Refusal('UNIMPLEMENTED', 'masks of nested fields are not simulated')
    const value = after[path]
    if (value === undefined) delete fields[path]
    else fields[path] = value
  }
  return fields
}
