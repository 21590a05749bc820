import type { AnswerRecord, ExportJobRecord, RequestRecord, SessionRecord, UploadRecord } from './records.js'
import { Watch } from './watch.js'

/** While the simulator writes it; those who read see only the readonly face. */
export type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** A session as the simulator keeps it. */
export interface OpenSession extends Omit<Writable<SessionRecord>, 'uploads'> {
  readonly uploads: UploadRecord[]
}

/** Everything that happened, in the order it did. */
export class Journal {
  readonly requests: Writable<RequestRecord>[] = []
  readonly sessions: OpenSession[] = []
  readonly uploads: UploadRecord[] = []
  readonly answers: AnswerRecord[] = []
  readonly exportJobs: Writable<ExportJobRecord>[] = []
  readonly watch = new Watch()

  session(id: string): OpenSession | undefined {
    return this.sessions.find((session) => session.id === id)
  }

  /** The newest session; throws when there is none. */
  newestSession(): OpenSession {
    const session = this.sessions.at(-1)
    if (session === undefined) throw new Error('no session was started yet')
    return session
  }

  /** The last of everything, a line each: for the error of a wait that was in vain. */
  describe(): string {
    const sessions = this.sessions.map(
      ({ id, end }) => `session ${id} ${end === undefined ? 'runs' : describeEnd(end)}`,
    )
    const requests = this.requests.slice(-20).map(({ method, path, status }) => `${method} ${path} ${status ?? 'open'}`)
    const answers = this.answers
      .slice(-20)
      .map(({ name, data }) => `${name} ${JSON.stringify(data, plainNumber)?.slice(0, 200)}`)
    const lines = [...sessions, ...requests, ...answers]
    return lines.length === 0 ? 'nothing' : lines.join('\n')
  }
}

/** Msgpack brings 64-bit integers, which JSON has no form for. */
function plainNumber(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function describeEnd({ errored }: { readonly errored: boolean }): string {
  return errored ? 'ended errored' : 'ended'
}
