import { type ChangeEvent, EdsError, keyText } from '@eds/core'

/** What S3 takes as an object's key, bytes of UTF-8: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const maxKeyBytes = 1_024

/**
 * A leading dot (so no `.` and no `..`), control characters and others that XML cannot hold, separators, the escape itself, the comma
 * that joins the columns of a key, halves of surrogate pairs.
 */
const unsafe = /^\.|[\p{Cc}%,/\\\uFFFE\uFFFF]|\p{Cs}/gu
const unsafePath = /[\p{Cc}\\\uFFFE\uFFFF]|\p{Cs}/u
/** Nothing else gives it, because an escape has two digits. */
const emptyName = '%'

/**
 * Any text as one part of an object's key: percent-encoded where it has to be, and otherwise as it is, so that uuids and ordinary
 * names stay what they are. Different texts give different names, and none leads out of its place.
 */
export function encodeName(text: string): string {
  return text === '' ? emptyName : text.replace(unsafe, escapeUnit)
}

/** Escapes have the form of UTF-8; halves of surrogate pairs, which it does not know, the form that they would have in it. */
function escapeUnit(character: string): string {
  const unit = character.charCodeAt(0)
  if (unit <= 0x7f) return percent(unit)
  if (unit <= 0x7ff) return percent(0xc0 | (unit >> 6)) + percent(0x80 | (unit & 0x3f))
  return percent(0xe0 | (unit >> 12)) + percent(0x80 | ((unit >> 6) & 0x3f)) + percent(0x80 | (unit & 0x3f))
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/**
 * Where a row's object lies: `<prefix>/<table>/<primary key>.json`, or the path that a validation rule chose.
 *
 * @throws EdsError `record` when that is too long for S3, or a path that leaves the prefix.
 */
export function rowObjectName(prefix: string, event: ChangeEvent): string {
  const { objectPath, table } = event
  if (objectPath === undefined) return below(prefix, `${encodeName(table)}/${keyName(event)}.json`)
  const isUnsafe = unsafePath.test(objectPath) || objectPath.split('/').some((part) => /^\.{0,2}$/.test(part))
  if (isUnsafe) throw new EdsError('record', `the object path ${JSON.stringify(objectPath)} is not safe to write to`)
  return below(prefix, objectPath)
}

/** The last element of the key, as the EDS server names it; all columns where there are several, or the `id` where there is no key. */
function keyName({ key, before, after, id }: ChangeEvent): string {
  if (key.length > 2) return key.slice(1).map(encodeName).join(',')
  return encodeName(key.at(-1) ?? keyText((after ?? before)?.id) ?? id)
}

/**
 * Where a file of a table's changes in one hour lies: `<prefix>/<table>/date=YYYY-MM-DD/hour=HH/<name>`, by the time of the change in
 * UTC, which is the same when it comes again.
 *
 * @throws EdsError `record` when that is too long for S3.
 */
export function hourFileName(prefix: string, { table, timestamp }: ChangeEvent, name: string): string {
  const time = new Date(timestamp)
  if (Number.isNaN(time.getTime())) throw new EdsError('record', `the timestamp ${timestamp} is not a time`)
  const [date = '', clock = ''] = time.toISOString().split('T')
  return below(prefix, `${encodeName(table)}/date=${date}/hour=${clock.slice(0, 2)}/${name}`)
}

function below(prefix: string, name: string): string {
  const key = prefix === '' ? name : `${prefix}/${name}`
  const bytes = Buffer.byteLength(key)
  if (bytes <= maxKeyBytes) return key
  throw new EdsError('record', `the object key would have ${bytes} bytes; S3 takes ${maxKeyBytes}`)
}
