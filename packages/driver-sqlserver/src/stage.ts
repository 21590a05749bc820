import { binaryCollation } from './column-type.js'
import type { SqlServerTable } from './plan.js'

/** The session's temporary table, one for all tables: `k` tells deletes and column sets apart, `n` is the index of the event. */
export const stageTable = '#eds_stage'

/** How wide the stage is. */
export interface StageLayout {
  /** Columns `c0`, `c1`, … of text. */
  readonly texts: number
  /** Columns `f0`, `f1`, … of numbers. */
  readonly floats: number
  /** Whether there are `m` (position of the change) and `q` (the key in the tombstones). */
  readonly guard: boolean
}

export interface StageColumn {
  readonly name: string
  readonly type: 'int' | 'text' | 'float'
}

/** `k`, `n`, then the position and the key where there is a guard, then the values. */
export type StageRow = (number | string | null | undefined)[]

/** The least that takes the rows of these tables. */
export function layoutOf(plans: readonly SqlServerTable[]): StageLayout {
  const count = (kind: string) =>
    Math.max(0, ...plans.map(({ slots }) => slots.filter((slot) => slot.startsWith(kind)).length))
  return { texts: count('c'), floats: count('f'), guard: plans.some(({ guard }) => guard) }
}

export function stageColumns({ texts, floats, guard }: StageLayout): StageColumn[] {
  const named = (kind: string, count: number, type: StageColumn['type']) =>
    Array.from({ length: count }, (_, index) => ({ name: `${kind}${index}`, type }))
  return [
    { name: 'k', type: 'int' },
    { name: 'n', type: 'int' },
    ...(guard
      ? ([
          { name: 'm', type: 'text' },
          { name: 'q', type: 'text' },
        ] as const)
      : []),
    ...named('c', texts, 'text'),
    ...named('f', floats, 'float'),
  ]
}

const sqlTypes: Readonly<Record<StageColumn['type'], string>> = {
  int: 'INT NOT NULL',
  text: `NVARCHAR(MAX) COLLATE ${binaryCollation} NULL`,
  float: 'FLOAT NULL',
}

/** The collation of its own keeps that of tempdb, which may be another than the database's, out of comparisons. */
export function createStageStatement(layout: StageLayout): string {
  const columns = stageColumns(layout).map(({ name, type }) => `[${name}] ${sqlTypes[type]}`)
  return `CREATE TABLE ${stageTable} (${columns.join(', ')})`
}

/** Whether rows of the second layout fit into a stage of the first. */
export function hasRoom(stage: StageLayout, wanted: StageLayout): boolean {
  return stage.texts >= wanted.texts && stage.floats >= wanted.floats && (stage.guard || !wanted.guard)
}

/** Some more than wanted, so that it need not be made anew for each table that is a little wider. */
export function roomFor(stage: StageLayout | undefined, wanted: StageLayout): StageLayout {
  const step = (count: number, by: number) => Math.ceil(count / by) * by
  return {
    texts: step(Math.max(stage?.texts ?? 0, wanted.texts), 32),
    floats: step(Math.max(stage?.floats ?? 0, wanted.floats), 8),
    guard: wanted.guard || (stage?.guard ?? false),
  }
}
