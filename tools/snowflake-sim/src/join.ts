import type { Expression } from './ast.js'
import { aligner, equalityKey } from './compare.js'
import { compile, truth } from './compile.js'
import type { CompileContext, Compiled, Frame, Scope } from './scope.js'
import type { Row } from './value.js'

/** `key(row)` gives a text equal for rows that may join, or undefined for one that joins none. */
type KeyOf = (frame: Frame) => string | undefined

/** Finds the rows of the right side that a row of the left joins. */
export interface Matcher {
  /** Positions in the right side's rows, in order. */
  matches(left: Row, parent: Frame | undefined): readonly number[]
}

export function conjuncts(expression: Expression): readonly Expression[] {
  if (expression.kind !== 'logic' || expression.operator !== 'AND') return [expression]
  return [...conjuncts(expression.left), ...conjuncts(expression.right)]
}

/**
 * Equalities between the two sides become a hash index, the rest is tested per candidate: a MERGE of a batch into a large table
 * stays one pass over each.
 */
export function prepareJoin(on: Expression, scope: Scope, leftWidth: number, context: CompileContext) {
  const keys: { readonly left: KeyOf; readonly right: KeyOf }[] = []
  const rest: Compiled[] = []
  for (const part of conjuncts(on)) {
    const pair =
      part.kind === 'compare' && part.operator === '=' ? equality(part, scope, leftWidth, context) : undefined
    if (pair === undefined) rest.push(compile(part, scope, context))
    else keys.push(pair)
  }
  return (rightRows: readonly Row[], parent?: Frame): Matcher => {
    const padding = new Array<null>(leftWidth).fill(null)
    const keyOfRight = joined(keys.map((key) => key.right))
    const index = buildIndex(rightRows, (row) => keyOfRight(frameOf([...padding, ...row], parent)))
    const keyOfLeft = joined(keys.map((key) => key.left))
    return {
      matches: (left, around) => {
        const key = keyOfLeft(frameOf(left, around))
        const candidates = key === undefined ? [] : (index.get(key) ?? [])
        if (rest.length === 0) return candidates
        return candidates.filter((position) => {
          const frame = frameOf([...left, ...(rightRows[position] ?? [])], around)
          return rest.every((condition) => truth(condition.run(frame)))
        })
      },
    }
  }
}

export const frameOf = (row: Row, parent: Frame | undefined): Frame =>
  parent === undefined ? { row } : { row, parent }

function buildIndex(
  rows: readonly Row[],
  keyOf: (row: Row) => string | undefined,
): ReadonlyMap<string, readonly number[]> {
  const index = new Map<string, number[]>()
  rows.forEach((row, position) => {
    const key = keyOf(row)
    if (key === undefined) return
    const found = index.get(key)
    if (found === undefined) index.set(key, [position])
    else found.push(position)
  })
  return index
}

const joined = (parts: readonly KeyOf[]) => (frame: Frame) => {
  const texts = parts.map((part) => part(frame))
  return texts.includes(undefined) ? undefined : JSON.stringify(texts)
}

type Comparison = Extract<Expression, { kind: 'compare' }>

function equality(part: Comparison, scope: Scope, leftWidth: number, context: CompileContext) {
  const first = compile(part.left, scope, context)
  const second = compile(part.right, scope, context)
  const align = aligner(first.type, second.type)
  const firstKey: KeyOf = (frame) => equalityKey(align.left(first.run(frame)))
  const secondKey: KeyOf = (frame) => equalityKey(align.right(second.run(frame)))
  if (isLeft(first, leftWidth) && isRight(second, leftWidth)) return { left: firstKey, right: secondKey }
  if (isRight(first, leftWidth) && isLeft(second, leftWidth)) return { left: secondKey, right: firstKey }
  return undefined
}

const isLeft = (side: Compiled, width: number) =>
  side.references.every((reference) => reference.depth > 0 || reference.index < width)

/** The right side's keys are computed once, so that they may read nothing but the right row. */
const isRight = (side: Compiled, width: number) =>
  side.references.length > 0 && side.references.every((reference) => reference.depth === 0 && reference.index >= width)
