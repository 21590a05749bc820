/**
 * Reads an append-only file of Redis-protocol commands (`*3 $3 set $<n> <key> $<n> <value>`, `*2 $3 del $<n> <key>`, `*1 flushdb`) as
 * the former EDS server keeps its state in, and gives what the commands add up to. Expiry times are of no interest here: they are
 * read over. A last command that is cut off, as a crash leaves it, does not count.
 *
 * @throws Error naming the byte where the file stops making sense.
 */
export function readAppendOnlyFile(bytes: Buffer): Map<string, string> {
  const entries = new Map<string, string>()
  let offset = 0
  while (offset < bytes.length) {
    const command = readCommand(bytes, offset)
    if (command === undefined) return entries
    apply(entries, command.words, offset)
    offset = command.end
  }
  return entries
}

function apply(entries: Map<string, string>, words: readonly string[], offset: number): void {
  const [name = '', key, value] = words
  const verb = name.toLowerCase()
  if (verb === 'set' && key !== undefined && value !== undefined) entries.set(key, value)
  else if (verb === 'del' && key !== undefined) entries.delete(key)
  else if (verb === 'flushdb') entries.clear()
  else throw new Error(`byte ${offset}: "${name.slice(0, 20)}" is no command of such a file`)
}

/** `undefined`: the file ends within the command. */
function readCommand(bytes: Buffer, offset: number): { words: string[]; end: number } | undefined {
  const head = readCount(bytes, offset, '*')
  if (head === undefined) return undefined
  const words: string[] = []
  let at = head.end
  for (let index = 0; index < head.count; index++) {
    const length = readCount(bytes, at, '$')
    if (length === undefined) return undefined
    const end = length.end + length.count
    if (end + 2 > bytes.length) return undefined
    words.push(bytes.toString('utf8', length.end, end))
    at = end + 2
  }
  return { words, end: at }
}

/** Reads `<sign><count>\r\n`. `undefined`: the file ends within it. */
function readCount(bytes: Buffer, offset: number, sign: string): { count: number; end: number } | undefined {
  const lineEnd = bytes.indexOf('\r\n', offset)
  if (lineEnd === -1) return undefined
  const line = bytes.toString('latin1', offset, lineEnd)
  if (!/^.\d{1,9}$/.test(line) || line[0] !== sign) throw new Error(`byte ${offset}: a count was expected`)
  return { count: Number(line.slice(1)), end: lineEnd + 2 }
}
