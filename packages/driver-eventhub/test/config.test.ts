import { configFromForm, isEdsError, maskConfig, maskUrl, parseSinkUrl } from '@eds/core'
import { describe, expect, it } from 'vitest'
import { addressOf, type EventHubConfig } from '../src/config.js'
import eventhub from '../src/index.js'

const parse = (url: string): EventHubConfig => parseSinkUrl(eventhub, url)
const host = 'ns.servicebus.windows.net'
const credentials = { keyName: 'sender', key: 'a+b/c=d==' }

describe('configuration', () => {
  it.each([
    [
      `eventhub://${host}/;SharedAccessKeyName=sender;SharedAccessKey=a+b/c=d==;EntityPath=hub`,
      { host, hub: 'hub', ...credentials, emulator: false },
    ],
    [
      `eventhub://${host};EntityPath=hub;SharedAccessKey=a%2Bb%2Fc%3Dd==;SharedAccessKeyName=sender`,
      { host, hub: 'hub', ...credentials, emulator: false },
    ],
    [
      'eventhub://localhost:5672/;SharedAccessKeyName=s;SharedAccessKey=k;EntityPath=hub;UseDevelopmentEmulator=true;',
      { host: 'localhost:5672', hub: 'hub', keyName: 's', key: 'k', emulator: true },
    ],
    [`eventhub://${host}/;EntityPath=hub`, { host, hub: 'hub', emulator: false }],
    [
      `eventhub://${host}/;SharedAccessSignature=SharedAccessSignature sr=a%2fb&sig=x%3d&se=1&skn=n;EntityPath=hub`,
      { host, hub: 'hub', signature: 'SharedAccessSignature sr=a%2fb&sig=x%3d&se=1&skn=n', emulator: false },
    ],
  ])('%s', (url, expected) => {
    const config = parse(url)
    expect(addressOf(config)).toEqual(expected)
    expect(parse(eventhub.format(config))).toEqual(config)
  })

  it('takes options as further parts, and gives them back', () => {
    const config = parse(`eventhub://${host}/;EntityPath=hub;ParallelSends=8;RequestTimeoutMs=500`)
    expect(config).toMatchObject({ parallelSends: 8, requestTimeoutMs: 500 })
    expect(parse(eventhub.format(config))).toEqual(config)
  })

  it('takes the connection string of the form', () => {
    const text = `Endpoint=sb://${host}/;SharedAccessKeyName=sender;SharedAccessKey=a+b/c=d==;EntityPath=hub`
    const result = configFromForm(eventhub, { 'Connection String': text })
    if (!('config' in result)) throw new Error('the form was refused')
    expect(eventhub.format(result.config)).toBe(text.replace('Endpoint=sb', 'eventhub'))
  })

  it.each([
    [`eventhub://${host}/;SharedAccessKeyName=n;SharedAccessKey=s3cr3t`, 'EntityPath'],
    ['eventhub:///;EntityPath=hub', 'host'],
    [`eventhub://${host}/;SharedAccessKey=s3cr3t;EntityPath=hub`, 'SharedAccessKeyName'],
    [`eventhub://${host}/;SharedAccessKeyName=n;EntityPath=hub`, 'SharedAccessKey'],
    [`eventhub://${host}/;Shared=s3cr3t;EntityPath=hub`, 'none of'],
    [`eventhub://${host}/;EntityPath=a;EntityPath=b`, 'twice'],
    [`eventhub://${host}/;EntityPath=hub;ParallelSends=0`, 'parallelSends'],
    [`eventhub://${host}/;SharedAccessSignature=s3cr3t;EntityPath=hub`, 'begin'],
    ['eventhub://localhost/;UseDevelopmentEmulator=true;EntityPath=hub', 'emulator'],
  ])('refuses %s', (url, reason) => {
    let refused: unknown
    try {
      parse(url)
    } catch (error) {
      refused = error
    }
    expect(isEdsError(refused) && refused.code).toBe('configuration')
    expect(String(refused)).toContain(reason)
    expect(String(refused)).not.toContain('s3cr3t')
  })

  it('is shown without its secrets', () => {
    const url = `eventhub://${host}/;SharedAccessKeyName=n;SharedAccessKey=s3cr3t/+==;EntityPath=hub`
    expect(maskUrl(url)).not.toContain('s3cr3t')
    expect(JSON.stringify(maskConfig(eventhub.config, parse(url)))).not.toContain('s3cr3t')
  })
})
