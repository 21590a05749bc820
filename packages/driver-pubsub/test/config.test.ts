import { configFromForm, formFields, isEdsError, parseSinkUrl } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { topicPath } from '../src/config.js'
import pubsub from '../src/index.js'

const defaults = { ordering: true, create: false, timeoutMs: 60_000 }

describe('URL', () => {
  it.each([
    ['pubsub://shop/changes', { project: 'shop', topic: 'changes' }],
    [
      'pubsub://shop/changes?ordering=false&create=true',
      { project: 'shop', topic: 'changes', ordering: false, create: true },
    ],
    [
      'pubsub://shop/changes?credentials=%2Fetc%2Fkey.json',
      { project: 'shop', topic: 'changes', credentialsFile: '/etc/key.json' },
    ],
    [
      'pubsub://shop/changes?endpoint=127.0.0.1%3A8085',
      { project: 'shop', topic: 'changes', endpoint: '127.0.0.1:8085' },
    ],
    ['pubsub://shop/projects/other/topics/changes', { project: 'shop', topic: 'projects/other/topics/changes' }],
    [
      'pubsub://shop/changes?attribute.serviceName=My%20Sync&attribute.env=test',
      { project: 'shop', topic: 'changes', attributes: { serviceName: 'My Sync', env: 'test' } },
    ],
    ['pubsub://shop/changes?timeoutMs=500', { project: 'shop', topic: 'changes', timeoutMs: 500 }],
  ])('%s is read, and written the same', (url, expected) => {
    const config = parseSinkUrl(pubsub, url)
    expect(config).toEqual({ ...defaults, ...expected })
    expect(pubsub.format(config)).toBe(url)
  })

  it('takes values that nobody escaped', () => {
    expect(parseSinkUrl(pubsub, 'pubsub://shop/changes?endpoint=localhost:8085&credentials=/k.json')).toMatchObject({
      endpoint: 'localhost:8085',
      credentialsFile: '/k.json',
    })
  })

  it.each([
    'pubsub://shop',
    'pubsub:///changes',
    'pubsub://Shop Shop/changes',
    'pubsub://shop/a',
    'pubsub://shop/google-changes',
    'pubsub://shop/a/b',
    'pubsub://shop:80/changes',
    'pubsub://me@shop/changes',
    'pubsub://shop,shop2/changes',
    'pubsub://shop/changes?what=1',
    'pubsub://shop/changes?endpoint=http://localhost',
    'pubsub://shop/changes?timeoutMs=1',
    'pubsub://shop/changes?attribute.=x',
    'pubsub://shop/changes?attribute.googx=x',
  ])('%s is refused', (url) => {
    let error: unknown
    try {
      parseSinkUrl(pubsub, url)
    } catch (thrown) {
      error = thrown
    }
    expect(isEdsError(error) && error.code).toBe('configuration')
  })
})

describe('definition', () => {
  it('has three fields in its form', () => {
    expect(formFields(pubsub as never).map(({ name, required }) => `${name}${required ? '*' : ''}`)).toEqual([
      'Project*',
      'Topic*',
      'Credentials File',
    ])
    expect(configFromForm(pubsub, { Project: 'shop', Topic: 'changes', 'Credentials File': '' })).toEqual({
      config: { ...defaults, project: 'shop', topic: 'changes' },
    })
  })

  it('keeps order only with ordering keys', () => {
    const config = parseSinkUrl(pubsub, 'pubsub://shop/changes')
    expect(pubsub.traits(config).ordering).toBe('key')
    expect(pubsub.traits({ ...config, ordering: false }).ordering).toBe('none')
  })

  it.each([
    ['changes', 'projects/shop/topics/changes'],
    ['projects/other/topics/changes', 'projects/other/topics/changes'],
  ])('the topic %s is %s', (topic, path) => {
    expect(topicPath({ project: 'shop', topic })).toBe(path)
  })
})
