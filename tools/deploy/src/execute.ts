import { chown, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { copyTree, prepareBase } from './base-image.js'
import { readDockerIgnore } from './docker-ignore.js'
import { type Instruction, parseDockerfile, type Stage, substitute, wordsOf } from './dockerfile.js'
import { type InsideOptions, type Root, runInside } from './inside.js'
import { run } from './run.js'

/** What a stage leaves behind: files, and how a container of it begins. */
export interface Image {
  readonly root: Root
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  readonly user: string
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly healthcheck: readonly string[]
}

export interface ExecuteOptions {
  readonly context: string
  /** Empty; every stage gets a folder in it. */
  readonly folder: string
  readonly args: Readonly<Record<string, string>>
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Executes every stage of the context's Dockerfile, in order. Needs root and the right to mount; no container engine. */
export async function executeDockerfile(options: ExecuteOptions): Promise<ReadonlyMap<string, Image>> {
  const images = new Map<string, Image>()
  for (const stage of parseDockerfile(await readFile(join(options.context, 'Dockerfile'), 'utf8'))) {
    let image = images.get(stage.from) ?? (await beginStage(stage, options))
    for (const instruction of stage.instructions) image = await execute(image, instruction, images, options)
    images.set(stage.name, image)
  }
  return images
}

async function beginStage(stage: Stage, { folder }: ExecuteOptions): Promise<Image> {
  const root = join(folder, stage.name)
  const kind = await prepareBase(stage.from, root)
  const environment = { PATH: path }
  const nothing: readonly string[] = []
  return {
    root: { folder: root, kind },
    environment,
    directory: '/',
    user: '0:0',
    entrypoint: nothing,
    command: nothing,
    healthcheck: nothing,
  }
}

/** Says what one instruction changes; files are changed in place. */
async function execute(
  image: Image,
  { keyword, flags, text }: Instruction,
  images: ReadonlyMap<string, Image>,
  options: ExecuteOptions,
): Promise<Image> {
  const value = substitute(text, image.environment)
  switch (keyword) {
    case 'ARG': {
      const [name = '', fallback = ''] = text.split('=')
      return { ...image, environment: { ...image.environment, [name]: options.args[name] ?? fallback } }
    }
    case 'ENV':
      return { ...image, environment: { ...image.environment, ...Object.fromEntries(pairsOf(value)) } }
    case 'WORKDIR':
      await mkdir(image.root.folder + value, { recursive: true })
      return { ...image, directory: value }
    case 'USER':
      return { ...image, user: value }
    case 'COPY':
      await copy(image, wordsOf(value), flags, images, options)
      return image
    case 'RUN':
      await runInside(['/bin/sh', '-c', text], insideOf(image, options, { HOME: '/root' }))
      return image
    case 'ENTRYPOINT':
      return { ...image, entrypoint: wordsOf(text), command: [] }
    case 'CMD':
      return { ...image, command: wordsOf(text) }
    case 'HEALTHCHECK':
      return { ...image, healthcheck: wordsOf(text.replace(/^CMD\s+/, '')) }
    case 'EXPOSE':
    case 'VOLUME':
      return image
    default:
      throw new Error(`Dockerfile: ${keyword} cannot be executed here`)
  }
}

/** How a command of an image runs on this machine. */
export function insideOf(
  { root, environment, directory, user }: Image,
  { context }: Pick<ExecuteOptions, 'context'>,
  more: Readonly<Record<string, string>> = {},
): InsideOptions {
  return { root, environment: { ...environment, ...more }, directory, user, hidden: context }
}

function pairsOf(text: string): [string, string][] {
  return text.split(/\s+/).map((pair) => {
    const [name = '', ...value] = pair.split('=')
    return [name, value.join('=')]
  })
}

async function copy(
  image: Image,
  words: readonly string[],
  flags: Readonly<Record<string, string>>,
  images: ReadonlyMap<string, Image>,
  { context }: ExecuteOptions,
): Promise<void> {
  const [from = '', to = ''] = words
  const target = join(image.root.folder, to.startsWith('/') ? to : join(image.directory, to))
  if (flags.from === undefined) return copyContext(context, target)
  const source = images.get(flags.from)
  if (source === undefined) throw new Error(`Dockerfile: there is no stage ${flags.from}`)
  await copyTree(source.root.folder + from, target)
  if (flags.chown === undefined) return
  const [uid, gid] = flags.chown.split(':').map(Number)
  await chown(target, uid ?? 0, gid ?? 0)
}

/** What git knows or would know of, without what `.dockerignore` names. */
async function copyContext(context: string, target: string): Promise<void> {
  const isIgnored = readDockerIgnore(await readFile(join(context, '.dockerignore'), 'utf8'))
  const listed = await run('git', [
    '-C',
    context,
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
  ])
  const files = listed.split('\0').filter((file) => file !== '' && !isIgnored(file))
  await mkdir(target, { recursive: true })
  await run(
    'bash',
    ['-c', `tar -C '${context}' --null --ignore-failed-read -T - -c | tar -C '${target}' -x`],
    files.join('\0'),
  )
}
