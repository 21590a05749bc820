/** Reads protocol messages as the server would: the data of each COPY command as text. Throws when a frame is wrong. */
export function copyDataOf(messages: Buffer): string[] {
  const commands: string[] = []
  let data: Buffer[] = []
  for (let at = 0; at < messages.length; ) {
    const type = String.fromCharCode(messages[at]!)
    const end = at + 1 + messages.readUInt32BE(at + 1)
    if (end > messages.length) throw new Error(`a message ends behind the buffer: ${end}`)
    const body = messages.subarray(at + 5, end)
    if (type === 'd') {
      if (body.at(-1) !== 0x0a) throw new Error('a message does not end with a row')
      data.push(body)
    } else if (type === 'c' && body.length === 0) {
      commands.push(Buffer.concat(data).toString())
      data = []
    } else {
      throw new Error(`unexpected message ${type}`)
    }
    at = end
  }
  if (data.length > 0) throw new Error('the last command has no end')
  return commands
}
