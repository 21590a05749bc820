import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { createLogger } from '../../src/logging/create-logger.js'
import { ProcessWarnings, processWarnings } from '../../src/logging/process-warnings.js'
import { Redactor } from '../../src/redactor.js'

function warning(message: string): Error {
  return Object.assign(new Error(message), { name: 'LookupWarning' })
}

/** Stands for `process`, with the listener that Node.js itself has. */
function fakeProcess() {
  const raw: string[] = []
  const process = new EventEmitter().on('warning', ({ message }: Error) => raw.push(message))
  return { process, raw, warn: (message: string) => process.emit('warning', warning(message)) }
}

it('are told in one line each, once, and no more by Node.js', () => {
  const { process, raw, warn } = fakeProcess()
  const told: string[] = []
  new ProcessWarnings().takeOver(process, (text) => told.push(text))
  for (const message of ['first\n  of several lines', 'second', 'second']) warn(message)
  process.emit('warning', Object.assign(new Error('third'), { name: 'Warning' }))
  expect(told).toEqual(['LookupWarning: first of several lines', 'LookupWarning: second', 'third'])
  expect(raw).toEqual([])
})

it('are told to the newest listener while there is one', () => {
  const { process, warn } = fakeProcess()
  const told: string[] = []
  const warnings = new ProcessWarnings()
  warnings.takeOver(process, (text) => told.push(`otherwise ${text}`))
  const forgetFirst = warnings.tell((text) => told.push(`first ${text}`))
  const forgetSecond = warnings.tell((text) => told.push(`second ${text}`))
  warn('a')
  forgetSecond()
  warn('b')
  forgetFirst()
  warn('c')
  expect(told).toEqual(['second LookupWarning: a', 'first LookupWarning: b', 'otherwise LookupWarning: c'])
})

it('stay unsaid where Node.js was told to be silent', () => {
  const process = new EventEmitter()
  const told: string[] = []
  new ProcessWarnings().takeOver(process, (text) => told.push(text))
  process.emit('warning', warning('a'))
  expect(told).toEqual([])
})

it('go through the logger, masked, until it is closed', () => {
  const { process, warn } = fakeProcess()
  const lines: string[] = []
  processWarnings.takeOver(process, (text) => lines.push(`otherwise ${text}\n`))
  const redactor = new Redactor()
  redactor.add(['okapi-77'])
  const settings = { level: 'info', format: 'human', timestamps: false, colors: false, keepFiles: false } as const
  const logger = createLogger(settings, { write: (text: unknown) => lines.push(String(text)) > 0 }, redactor)
  warn('no okapi-77 there')
  logger.close()
  warn('nobody logs')
  expect(lines).toEqual(['WARN  LookupWarning: no *** there\n', 'otherwise LookupWarning: nobody logs\n'])
})
