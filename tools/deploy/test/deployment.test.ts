import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Why a tool cannot be used; `undefined` when it can. */
function missing(command: string, ...words: string[]): string | undefined {
  try {
    execFileSync(command, words, { stdio: 'ignore' })
    return undefined
  } catch {
    return `${command} is not installed`
  }
}

function renderChart(flag: '--set' | '--set-string', values: readonly string[]): string {
  const words = [
    'template',
    'shop',
    at('chart'),
    '--kube-version',
    '1.31.0',
    ...values.flatMap((value) => [flag, value]),
  ]
  return execFileSync('helm', words, { encoding: 'utf8' })
}

const noHelm = missing('helm', 'version')
describe.skipIf(noHelm)(`the chart${noHelm ? ` (skipped: ${noHelm})` : ''}`, () => {
  const render = (...values: string[]) => {
    return parseAllDocuments(renderChart('--set', values)).map((document) => document.toJS())
  }
  const kindsOf = (documents: { kind: string }[]) => documents.map(({ kind }) => kind).sort()

  test('is what it needs to be by default', () => {
    const documents = render()
    expect(kindsOf(documents)).toEqual(['PodDisruptionBudget', 'Service', 'StatefulSet'])
    const { spec } = documents.find(({ kind }) => kind === 'StatefulSet')
    expect(spec.replicas).toBe(1)
    const pod = spec.template.spec
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65532 })
    expect(pod.containers[0]).toMatchObject({
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      },
      livenessProbe: { httpGet: { path: '/', port: 'http' } },
      readinessProbe: { httpGet: { path: '/', port: 'http' } },
    })
    expect(pod.terminationGracePeriodSeconds).toBe(60)
  })

  test('takes configuration, secrets and a monitor', () => {
    const documents = render(
      'config=sinks: []',
      'credentialsSecret=nats',
      'environmentSecret=keys',
      'serviceMonitor.enabled=true',
    )
    expect(kindsOf(documents)).toEqual(['ConfigMap', 'PodDisruptionBudget', 'Service', 'ServiceMonitor', 'StatefulSet'])
    const pod = documents.find(({ kind }) => kind === 'StatefulSet').spec.template.spec
    expect(pod.containers[0].envFrom).toEqual([{ secretRef: { name: 'keys' } }])
    const mounted = pod.containers[0].volumeMounts.map(({ name }: { name: string }) => name)
    expect(mounted).toEqual(['data', 'temporary', 'credentials', 'config'])
    expect(pod.volumes.map(({ name }: { name: string }) => name)).toEqual(['temporary', 'credentials', 'config'])
  })
})

const noGo = noHelm ?? missing('go', 'version')
test.skipIf(noGo)(
  `the chart has only fields that Kubernetes knows${noGo ? ` (skipped: ${noGo})` : ''}`,
  { timeout: 300_000 },
  () => {
    // Names that YAML takes for something else, unless they are quoted.
    const values = [
      'config=a: b',
      'credentialsSecret=no',
      'environmentSecret=y',
      'persistence.storageClass=on',
      'serviceMonitor.enabled=true',
    ]
    const input = renderChart('--set-string', values)
    const answer = execFileSync('go', ['run', '.'], { cwd: at('validate'), input, encoding: 'utf8' })
    expect(answer.trim().split('\n').sort()).toEqual([
      'skipped ServiceMonitor',
      'valid ConfigMap',
      'valid PodDisruptionBudget',
      'valid Service',
      'valid StatefulSet',
    ])
  },
)

const noSystemd = missing('systemd-analyze', '--version')
test.skipIf(noSystemd)(`the systemd unit is valid${noSystemd ? ` (skipped: ${noSystemd})` : ''}`, () => {
  const complaints = execFileSync('systemd-analyze', ['verify', at('systemd/eds.service')], { encoding: 'utf8' })
  expect(complaints).toBe('')
})

test('everything that the playground refers to is in it', () => {
  const { services, volumes, configs } = parse(readFileSync(at('playground.yml'), 'utf8'))
  for (const [name, service] of Object.entries<Record<string, never>>(services)) {
    const { depends_on = {}, volumes: mounts = [], configs: used = [] } = service
    for (const other of Object.keys(depends_on)) expect(services, name).toHaveProperty(other)
    for (const mount of mounts as string[]) expect(volumes, name).toHaveProperty(mount.split(':')[0] ?? '')
    for (const { source } of used as { source: string }[]) expect(configs, name).toHaveProperty(source)
  }
  expect(Object.keys(services)).toEqual(['nats', 'postgres', 'shop', 'eds', 'prometheus'])
})
