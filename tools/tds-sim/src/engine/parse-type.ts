import { SqlError } from './sql-error.js'
import { type SqlType, type TypeName, typeOf } from './types.js'

const plainTypes: Record<string, TypeName> = {
  bit: 'bit',
  tinyint: 'tinyint',
  smallint: 'smallint',
  int: 'int',
  integer: 'int',
  bigint: 'bigint',
  real: 'real',
  date: 'date',
  datetime: 'datetime',
  uniqueidentifier: 'uniqueidentifier',
}

const sizedTypes: Record<string, readonly [name: TypeName, most: number, declared?: string]> = {
  varchar: ['varchar', 8000],
  nvarchar: ['nvarchar', 4000],
  sysname: ['nvarchar', 128],
  char: ['varchar', 8000, 'char'],
  nchar: ['nvarchar', 4000, 'nchar'],
  varbinary: ['varbinary', 8000],
  binary: ['varbinary', 8000, 'binary'],
}

/**
 * The type with this name and these arguments: `('nvarchar', [40])`, `('decimal', [18, 4])`, `('varchar', 'max')`.
 * @param unsized - the length of a text or binary type that gives none: 1 in a column, 30 in CAST.
 */
export function makeType(name: string, sizes: readonly number[] | 'max', unsized: number): SqlType {
  const word = name.toLowerCase()
  const plain = plainTypes[word]
  if (plain) return typeOf(plain)
  const sized = sizedTypes[word]
  if (sized) return makeSized(sized, word, sizes, unsized)
  const first = sizes === 'max' ? undefined : sizes[0]
  if (word === 'float') return typeOf(first !== undefined && first <= 24 ? 'real' : 'float')
  if (word === 'datetime2' || word === 'datetimeoffset' || word === 'time')
    return typeOf(word, 0, 0, checkScale(first ?? 7))
  if (word === 'decimal' || word === 'numeric') return makeDecimal(word, sizes === 'max' ? [] : sizes)
  throw new SqlError(2715, `Cannot find data type ${name}.`, { reach: 'batch' })
}

function makeSized(
  sized: readonly [TypeName, number, string?],
  word: string,
  sizes: readonly number[] | 'max',
  unsized: number,
) {
  const [name, most, declared] = sized
  const length = sizes === 'max' ? 0 : (sizes[0] ?? (word === 'sysname' ? 128 : unsized))
  if (length > most) {
    throw new SqlError(131, `The size (${length}) given to the type '${word}' exceeds the maximum allowed (${most}).`, {
      class: 15,
      reach: 'batch',
    })
  }
  return declared ? { ...typeOf(name, length), declared } : typeOf(name, length)
}

function checkScale(scale: number): number {
  if (scale <= 7) return scale
  throw new SqlError(1002, `Line 1: Specified scale ${scale} is invalid.`, { class: 15, reach: 'batch' })
}

function makeDecimal(word: string, sizes: readonly number[]): SqlType {
  const [precision = 18, scale = 0] = sizes
  if (precision > 38 || scale > precision) {
    throw new SqlError(
      2750,
      `Column or parameter: Specified column precision ${precision} is greater than the maximum precision of 38.`,
      {
        reach: 'batch',
      },
    )
  }
  const type = typeOf('decimal', 0, precision, scale)
  return word === 'numeric' ? { ...type, declared: 'numeric' } : type
}
