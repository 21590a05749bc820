import { expect, it } from 'vitest'
import { pullStatus } from '../src/pull-status.js'

it.each([
  [100, 'Idle Heartbeat', 'alive'],
  [404, 'No Messages', 'ended'],
  [408, 'Request Timeout', 'ended'],
  [408, 'Interest Expired', 'ended'],
  [409, 'Batch Completed', 'ended'],
  [409, 'Message Size Exceeds MaxBytes', 'too-large'],
  [409, 'Exceeded MaxWaiting', 'busy'],
  [409, 'Consumer Deleted', 'gone'],
  [409, 'Leadership Change', 'gone'],
  [409, 'Server Shutdown', 'gone'],
  [503, '', 'gone'],
  [409, 'Consumer is push based', 'refused'],
  [409, 'Exceeded MaxRequestBatch of 10', 'refused'],
  [409, 'Exceeded MaxRequestMaxBytes of 10', 'refused'],
  [400, 'Bad Request', 'refused'],
] as const)('%i %s is %s', (code, description, status) => {
  expect(pullStatus(code, description)).toBe(status)
})
