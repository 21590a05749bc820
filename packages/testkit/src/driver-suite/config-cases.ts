import { isDeepStrictEqual } from 'node:util'
import {
  type DriverDefinition,
  describeOptions,
  formatUrl,
  isEdsError,
  maskConfig,
  maskUrl,
  parseSinkUrl,
  parseUrl,
  secretsOf,
} from '@eds/core'
import { unless } from '../conformance/conformance-case.js'
import { demand } from '../conformance/violation.js'
import type { DriverCaseContext } from './case-context.js'
import type { DriverCase } from './driver-case.js'
import { secretMarker as marker } from './secret-watch.js'

function urlsOf(context: DriverCaseContext): string[] {
  return [context.options.definition.exampleUrl, context.url]
}

/** The configuration of the example URL with every secret replaced. */
function secretConfig(definition: DriverDefinition): unknown {
  const example = parseSinkUrl(definition, definition.exampleUrl)
  const secrets = new Set<unknown>(secretsOf(definition.config, example))
  return JSON.parse(JSON.stringify(example), (_, value: unknown) => (secrets.has(value) ? marker : value))
}

function hasSecrets(context: DriverCaseContext): string | undefined {
  const { definition } = context.options
  const has = secretsOf(definition.config, secretConfig(definition)).includes(marker)
  return unless(has, `the example URL of ${context.title} holds no secret`)
}

function demandHidden(text: string, where: string): void {
  const forms = [marker, encodeURIComponent(marker), encodeURIComponent(marker).slice(0, 12), marker.slice(0, 7)]
  demand(!forms.some((form) => text.includes(form)), `${where} shows a secret`)
}

/** These URLs with another password, where they have one. */
function markedUrls(urls: readonly string[]): string[] {
  return urls.flatMap((url) => {
    const parts = readUrl(url)
    return parts?.password === undefined ? [] : [formatUrl({ ...parts, password: marker })]
  })
}

/** A driver may have URLs that only it can read. */
function readUrl(url: string): ReturnType<typeof parseUrl> | undefined {
  try {
    return parseUrl(url)
  } catch {
    return undefined
  }
}

/** Fields are masked by their mark; names that sound secret are a safety net, which forms and option tables do not have. */
function demandMarked(definition: DriverDefinition, config: unknown, secret: string): void {
  const marked = new Set(describeOptions(definition).flatMap(({ name, secret }) => (secret ? [name] : [])))
  const bare = Object.entries(config ?? {}).find(
    ([name, value]) => typeof value === 'string' && value.includes(secret) && !marked.has(name),
  )
  demand(
    bare === undefined,
    `the password of a URL lands in the field "${bare?.[0]}", which is not marked with secret()`,
  )
  demand(
    secretsOf(definition.config, config).some((text) => text.includes(secret)),
    'the password of a URL lands in no field that is marked with secret()',
  )
}

export const configCases: readonly DriverCase[] = [
  {
    name: 'config: the definition is complete',
    async run({ options: { definition } }) {
      const { apiVersion, name, title, description, schemes, exampleUrl } = definition
      demand(apiVersion === 1, `apiVersion is ${apiVersion}, not 1`)
      demand(/^[a-z][a-z0-9-]*$/.test(name), `the name ${JSON.stringify(name)} is not short and lower case`)
      demand(title !== '' && description !== '', 'title and description must not be empty')
      demand(schemes.length > 0, 'there is no URL scheme')
      demand(
        schemes.every((scheme) => /^[a-z][a-z0-9+.-]*$/.test(scheme)),
        `a URL scheme is not lower case: ${schemes}`,
      )
      const scheme = exampleUrl.split(':')[0] ?? ''
      demand(schemes.includes(scheme), `the example URL begins with ${scheme}, which is none of the schemes ${schemes}`)
    },
  },
  {
    name: 'config: the example URL and the one under test are valid, and survive format and parse',
    async run(context) {
      const { definition } = context.options
      for (const url of urlsOf(context)) {
        const config = parseSinkUrl(definition, url)
        const again = parseSinkUrl(definition, definition.format(config))
        demand(
          isDeepStrictEqual(again, config),
          `format and parse do not give back the configuration of ${maskUrl(url)}`,
        )
      }
    },
  },
  {
    name: 'config: secrets with any characters survive format and parse',
    skip: hasSecrets,
    async run({ options: { definition } }) {
      const config = secretConfig(definition)
      const again = parseSinkUrl(definition, definition.format(config))
      demand(isDeepStrictEqual(again, config), 'format and parse do not give back a secret with special characters')
    },
  },
  {
    name: 'config: the password of a URL lands in a field that is marked as secret',
    skip: (context) =>
      unless(
        markedUrls(urlsOf(context)).length > 0,
        `neither the example URL of ${context.title} nor the one under test holds a password`,
      ),
    async run(context) {
      const { definition } = context.options
      for (const url of markedUrls(urlsOf(context))) demandMarked(definition, parseSinkUrl(definition, url), marker)
    },
  },
  {
    name: 'config: traits are sane',
    async run({ traits }) {
      const { maxBatchEvents, maxBatchBytes, maxInFlight, lingerMs } = traits
      for (const [name, value] of Object.entries({ maxBatchEvents, maxBatchBytes, maxInFlight })) {
        demand(Number.isSafeInteger(value) && value >= 1, `${name} is ${value}, not an integer of at least 1`)
      }
      demand(Number.isFinite(lingerMs) && lingerMs >= 0, `lingerMs is ${lingerMs}`)
      demand(['key', 'none'].includes(traits.ordering), `ordering is ${traits.ordering}`)
      demand(['idempotent', 'duplicates'].includes(traits.redelivery), `redelivery is ${traits.redelivery}`)
      demand(['free', 'stable'].includes(traits.batches), `batches is ${traits.batches}`)
      demand(['resume', 'now'].includes(traits.start), `start is ${traits.start}`)
    },
  },
  {
    name: 'config: masked output shows no secret',
    skip: hasSecrets,
    async run({ options: { definition } }) {
      const config = secretConfig(definition)
      demandHidden(maskUrl(definition.format(config)), 'the masked URL')
      demandHidden(JSON.stringify(maskConfig(definition.config, config)), 'the masked configuration')
    },
  },
  {
    name: 'config: a broken URL is refused with a clear error that shows no secret',
    skip: hasSecrets,
    async run({ options: { definition } }) {
      const url = definition.format(secretConfig(definition))
      for (const broken of [`${url}${url}`, `x${url}`, url.replace('://', ':'), url.replace(/:\d+/, ':99999999'), '']) {
        const error = refusal(definition, broken)
        if (error === undefined) continue
        demand(isEdsError(error), () => `a broken URL gives something else than an EdsError: ${error}`)
        demand(error.code === 'configuration', `a broken URL gives the code "${error.code}"`)
        demandHidden([error.message, error.fix, String(error.cause)].join('\n'), 'the error about a broken URL')
      }
    },
  },
]

function refusal(definition: DriverDefinition, url: string): unknown {
  try {
    parseSinkUrl(definition, url)
    return undefined
  } catch (error) {
    return error
  }
}
