import type { AmqpError } from 'rhea'

/** What the hub says when it refuses, in the vendor's words as far as they matter to clients. */
export const faults = {
  busy: {
    condition: 'com.microsoft:server-busy',
    description:
      'The request was terminated because the entity is being throttled. Error code : 50002. Please wait 4 seconds and try again.',
  },
  detached: {
    condition: 'amqp:link:detach-forced',
    description: 'The link is force detached by the broker due to an internal move. Please retry.',
  },
  unauthorized: {
    condition: 'amqp:unauthorized-access',
    description: "Unauthorized access. 'Send' or 'Listen' claim(s) are required to perform this operation.",
  },
  selector: { condition: 'amqp:invalid-field', description: 'The filter of the source cannot be read.' },
  keyTooLong: {
    condition: 'com.microsoft:argument-error',
    description: 'The partition key is longer than 128 characters.',
  },
} satisfies Record<string, AmqpError>

export function notFound(address: string): AmqpError {
  return { condition: 'amqp:not-found', description: `The messaging entity '${address}' could not be found.` }
}

export function tooLarge(bytes: number, limit: number): AmqpError {
  return {
    condition: 'amqp:link:message-size-exceeded',
    description: `The received message (size:${bytes} bytes) exceeds the limit (${limit} bytes) currently allowed on the link.`,
  }
}
