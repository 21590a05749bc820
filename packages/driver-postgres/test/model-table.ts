import type { PostgresTable } from '../src/plan.js'
import type { CopyWork, ParameterWork, Work } from '../src/work.js'
import { copyDataOf } from './copy-messages.js'

/** Column → text or null. */
export type ModelRow = Readonly<Record<string, string | null>>

interface SentRow {
  readonly mark: string
  readonly index: number
  readonly texts: readonly (string | null)[]
}

/**
 * One table that understands the statements of the driver well enough to apply them: what they are, which of the sent rows they mean
 * and which columns they set.
 */
export class ModelTable {
  readonly rows = new Map<string, ModelRow>()
  readonly #plan: PostgresTable

  constructor(plan: PostgresTable) {
    this.#plan = plan
  }

  /** Applies a batch; answers with the indexes of events whose row was not there. */
  apply(work: Work): number[] {
    return work.kind === 'copy' ? this.#applyCopy(work) : this.#applyParameters(work)
  }

  #applyCopy({ statements, messages }: CopyWork): number[] {
    const sent = copyDataOf(messages).flatMap(parseLines)
    return statements.flatMap(({ text }) => {
      const mark = /s\.k = (\d+)/.exec(text)?.[1]
      return text.startsWith('COPY')
        ? []
        : this.#run(
            text,
            sent.filter((row) => row.mark === mark),
          )
    })
  }

  #applyParameters({ statements }: ParameterWork): number[] {
    return statements.flatMap(({ text, values }) => {
      const objects = JSON.parse(values[0]!) as ({ n: number } & Record<string, string | null>)[]
      const rows = objects.map(({ n, ...columns }) => {
        const texts: (string | null)[] = []
        for (const [name, value] of Object.entries(columns)) texts[Number(name.slice(1))] = value
        return { mark: '', index: n, texts }
      })
      return this.#run(text, rows)
    })
  }

  #run(statement: string, rows: readonly SentRow[]): number[] {
    const { columns, primaryKeys } = this.#plan
    const indexes = [...new Set([...statement.matchAll(/s\.c(\d+)/g)].map(([, index]) => Number(index)))]
    const missing: number[] = []
    for (const { texts, index } of rows) {
      const key = texts.slice(0, primaryKeys.length).join('\u0000')
      const change = Object.fromEntries(indexes.map((column) => [columns[column]!.name, texts[column] ?? null]))
      const row = this.rows.get(key)
      if (statement.startsWith('DELETE')) this.rows.delete(key)
      else if (row !== undefined) this.rows.set(key, { ...row, ...change })
      else if (statement.startsWith('INSERT')) this.rows.set(key, { ...this.#newRow(), ...change })
      else missing.push(index)
    }
    return missing
  }

  #newRow(): ModelRow {
    return Object.fromEntries(
      this.#plan.columns.map(({ name, nullText, fill }) => [name, fill ? (nullText ?? null) : null]),
    )
  }
}

function parseLines(data: string): SentRow[] {
  return data
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [mark = '', index, ...texts] = line.split('\t')
      return { mark, index: Number(index), texts: texts.map((text) => (text === '\\N' ? null : unescaped(text))) }
    })
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => ({ t: '\t', n: '\n', r: '\r' })[character] ?? character)
}
