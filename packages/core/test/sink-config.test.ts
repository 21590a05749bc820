import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EdsError, parseSinkUrl, sink } from '../src/index.js'
import { exampleDriver } from './config-drivers.js'

describe('parseSinkUrl', () => {
  it('gives the validated configuration', () => {
    expect(parseSinkUrl(exampleDriver, 'sample://u:p@ss@h/?mode=fast')).toMatchObject({
      host: 'h',
      port: 5432,
      password: 'p@ss',
      mode: 'fast',
    })
  })

  it('lists all that is wrong in one message, without secrets', () => {
    expect(() => parseSinkUrl(exampleDriver, 'example://u:pw@h/?mode=x&colour=red')).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringMatching(/^Example is not configured right: password: .*mode: .*"colour"/),
        fix: expect.stringContaining(exampleDriver.exampleUrl),
      }),
    )
    const config = z.any().refine(() => false, { error: 'no: hidden' })
    const parse = () => ({ password: 'hidden' })
    expect(() => parseSinkUrl({ ...exampleDriver, config, parse }, 'example://h')).toThrow('as a whole: no: ***')
  })

  it('refuses the scheme of another driver', () => {
    expect(() => parseSinkUrl(exampleDriver, 'mysql://u:hidden@h')).toThrow(
      expect.objectContaining({ message: 'Example takes URLs that begin with example:// or sample://' }),
    )
  })

  it('passes typed errors on and wraps others', () => {
    const typed = new EdsError('configuration', 'typed')
    const failing = (error: unknown) => () =>
      parseSinkUrl(
        {
          ...exampleDriver,
          parse: () => {
            throw error
          },
        },
        'example://u:hidden@h',
      )
    expect(failing(typed)).toThrow(typed)
    expect(failing(new TypeError('bad: example://u:hidden@h'))).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: 'Example cannot read this URL: bad: example://u:***@h',
      }),
    )
  })
})

describe('sink', () => {
  it('takes a URL or a configuration', () => {
    const config = { host: 'h', port: 1, mode: 'safe', guard: false, tags: [], accessKeyId: 'hidden-default' }
    expect(sink(exampleDriver, 'example://h:1')).toEqual({
      name: 'example',
      definition: exampleDriver,
      config,
      options: {},
    })
    expect(sink(exampleDriver, { host: 'h', port: 1 }, { name: 'second' })).toMatchObject({ name: 'second', config })
  })

  it('refuses what is wrong', () => {
    const failure = (message: string) => expect.objectContaining({ code: 'configuration', message })
    expect(() => sink(exampleDriver, 'mysql://h')).toThrow(
      failure('Example takes URLs that begin with example:// or sample://'),
    )
    expect(() => sink(exampleDriver, { host: 'h', port: 0 })).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
    expect(() => sink(exampleDriver, 'example://h', { name: 'a b' })).toThrow(failure('"a b" cannot name a sink'))
  })
})
