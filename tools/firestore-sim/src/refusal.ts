/** https://grpc.io/docs/guides/status-codes/ */
export const statusCodes = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const

export type StatusName = keyof typeof statusCodes

/** What the server answers instead of a result. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: number
  readonly details: string

  constructor(status: StatusName, details: string) {
    super(details)
    this.code = statusCodes[status]
    this.details = details
  }
}
