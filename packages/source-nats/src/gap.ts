import { EdsError } from '@eds/core'

const fix =
  'what is missing cannot be read any more: import again, or forget this sink’s position and start it anew, from now or from the oldest event'

/** Messages after the last durable one were removed before they were read. `first` is the oldest that is left. */
export function retentionGap(stream: string, have: number, first: number): EdsError {
  const missing = first - have === 2 ? `message ${have + 1}` : `messages ${have + 1} to ${first - 1}`
  return new EdsError(
    'gap',
    `stream "${stream}" no longer holds ${missing}: the last one read is ${have}, the oldest left ${first}`,
    {
      fix,
    },
  )
}

/** The stream ends before the last durable message. */
export function shorterGap(stream: string, have: number, last: number): EdsError {
  const end = last === 0 ? 'it is empty' : `it ends at message ${last}`
  return new EdsError('gap', `stream "${stream}" went backwards: ${end}, but message ${have} was read from it before`, {
    fix,
  })
}

/** A sequence now names another message than it did. */
export function foreignGap(stream: string, sequence: number): EdsError {
  return new EdsError(
    'gap',
    `stream "${stream}" is not the one that was read before, or went backwards: its message ${sequence} is another one now`,
    { fix },
  )
}

/** The anchor is not there, and neither is the consumer that would prove the stream to be the same. */
export function unprovenGap(stream: string, sequence: number): EdsError {
  return new EdsError(
    'gap',
    `stream "${stream}" holds no message ${sequence} for this sink, though it is the last one read: the stream was made anew, or other companies were chosen while its consumer was gone`,
    { fix },
  )
}
