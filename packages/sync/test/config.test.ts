import { expect, it } from 'vitest'
import { acceptsMethod, checkSyncConfig, parseSyncConfig, syncConfigJsonSchema } from '../src/index.js'

const sample = {
  serviceName: 'My First Event Sync',
  trigger: { type: 'window', observationPeriod: 3600, keepEventAfterTrigger: false },
  endpoints: [{ eventKey: 'entry1' }, { eventKey: 'entry2' }],
  targetPubSub: { topic: 'projects/my-project/topics/my-topic' },
}

const topicOf = (topic: string) => ({ targetPubSub: { topic } })
const projectRule = 'must name a project by its id: lower-case letters, digits and hyphens'
const topicRule =
  'must end in the name of a topic: 3 to 255 letters, digits and - . _ ~ + %, with a letter first, and not "goog"'

it('completes the documented sample', () => {
  expect(checkSyncConfig(sample)).toEqual({
    config: {
      ...sample,
      endpoints: sample.endpoints.map((endpoint) => ({ ...endpoint, eventToSend: 'ALL', minNbOfOccurrence: 1 })),
    },
    problems: [],
    warnings: [],
  })
})

it.each<[string, object, string[]]>([
  ['an empty one', {}, ['serviceName', 'trigger', 'endpoints', 'targetPubSub']],
  ['one endpoint', { ...sample, endpoints: [{ eventKey: 'a' }] }, ['endpoints']],
  ['the same key twice', { ...sample, endpoints: [{ eventKey: 'a' }, { eventKey: 'a' }] }, ['endpoints[1].eventKey']],
  [
    'a key that is a request',
    { ...sample, endpoints: [{ eventKey: 'a' }, { eventKey: 'trigger' }] },
    ['endpoints[1].eventKey'],
  ],
  ['no period', { ...sample, trigger: { type: 'window', observationPeriod: 0 } }, ['trigger.observationPeriod']],
  ['another type', { ...sample, trigger: { type: 'all', observationPeriod: 1 } }, ['trigger.type']],
  ['a bare topic', { ...sample, targetPubSub: { topic: 'my-topic' } }, ['targetPubSub.topic']],
  [
    'everything at once',
    {
      serviceName: '',
      trigger: { type: 'x', observationPeriod: -1 },
      endpoints: [
        { eventKey: 'a/b', minNbOfOccurrence: 0 },
        { eventToSend: 'SOME', acceptedHttpMethods: ['FETCH'] },
      ],
      targetPubSub: {},
    },
    [
      'serviceName',
      'trigger.type',
      'trigger.observationPeriod',
      'endpoints[0].eventKey',
      'endpoints[0].minNbOfOccurrence',
      'endpoints[1].eventKey',
      'endpoints[1].acceptedHttpMethods[0]',
      'endpoints[1].eventToSend',
      'targetPubSub.topic',
    ],
  ],
])('names the problems of %s', (_, input, paths) => {
  const { config, problems } = checkSyncConfig(input)
  expect(config).toBeUndefined()
  expect(problems.map(({ path }) => path)).toEqual(paths)
})

it.each<[string, object, string]>([
  ['an empty name', { serviceName: '' }, 'must not be empty'],
  ['a number for a text', { serviceName: 5 }, 'must be a text'],
  ['an unknown type', { trigger: { type: 'all', observationPeriod: 1 } }, 'must be window or none'],
  ['half a second', { trigger: { type: 'window', observationPeriod: 0.5 } }, 'must be a whole number'],
  ['no time', { trigger: { type: 'window', observationPeriod: 0 } }, 'must be more than 0'],
  ['a lonely endpoint', { endpoints: [{ eventKey: 'a' }] }, 'must have at least 2 entries'],
  ['too much', { endpoints: [{ eventKey: 'a' }, { eventKey: 'b', minNbOfOccurrence: 1e9 }] }, 'must be at most 100000'],
  ['a list for an object', { trigger: [] }, 'must be an object'],
  ['a bare topic', topicOf('orders'), 'must be projects/<project id>/topics/<topic name>'],
  ['a topic of two letters', topicOf('projects/p/topics/ab'), topicRule],
  ['a topic of Google', topicOf('projects/p/topics/google'), topicRule],
  ['a topic that begins with a digit', topicOf('projects/p/topics/1orders'), topicRule],
  ['a long topic', topicOf(`projects/p/topics/${'x'.repeat(256)}`), topicRule],
  ['a project in capitals', topicOf('projects/MyShop/topics/orders'), projectRule],
])('says in words what is wrong with %s', (_, part, message) => {
  expect(checkSyncConfig({ ...sample, ...part }).problems.map((problem) => problem.message)).toEqual([message])
})

it.each([
  'projects/my-project/topics/abc',
  `projects/p1/topics/${'x'.repeat(255)}`,
  'projects/example.com:shop/topics/A.b_c~d+e%20',
])('takes the topic %s', (topic) => {
  expect(checkSyncConfig({ ...sample, ...topicOf(topic) }).problems).toEqual([])
})

it('tells all problems in one error', () => {
  expect(() => parseSyncConfig({ ...sample, serviceName: undefined, endpoints: [] })).toThrow(
    /serviceName: is missing\n {2}endpoints: /,
  )
})

it('takes names in any case and warns of unknown ones', () => {
  const trigger = { type: 'Window', observationPeriod: 5, KeepEventAfterTrigger: true, extra: 1 }
  const { config, warnings } = checkSyncConfig({ ...sample, trigger })
  expect(config?.trigger).toEqual({ type: 'window', observationPeriod: 5, keepEventAfterTrigger: true })
  expect(warnings).toEqual([{ path: 'trigger.extra', message: 'is unknown and ignored' }])
})

it.each<[string[] | undefined, string, boolean]>([
  [undefined, 'OPTIONS', true],
  [[], 'HEAD', true],
  [['post'], 'POST', true],
  [['POST', 'PUT'], 'get', false],
])('with methods %j takes %s: %j', (acceptedHttpMethods, method, expected) => {
  const endpoints = [{ eventKey: 'a', acceptedHttpMethods }, { eventKey: 'b' }]
  const [endpoint] = parseSyncConfig({ ...sample, endpoints }).endpoints
  expect(acceptsMethod(endpoint!, method)).toBe(expected)
})

it('describes itself to editors', () => {
  expect(syncConfigJsonSchema()).toMatchObject({
    required: ['serviceName', 'trigger', 'endpoints'],
    properties: { endpoints: { minItems: 2, items: { required: ['eventKey'] } } },
  })
})
