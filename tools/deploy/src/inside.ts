import { run } from './run.js'

/** A folder that is a file system's root. */
export interface Root {
  readonly folder: string
  /** `layer`: on top of this machine's own files. `whole`: all there is. */
  readonly kind: 'layer' | 'whole'
}

export interface InsideOptions {
  readonly root: Root
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
  /** `uid:gid`. */
  readonly user: string
  /** A folder of this machine that nobody shall see in there. */
  readonly hidden: string
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * The words that run a command with another root, as another user, with no environment but the given one. It has the mounts of its
 * own that it needs; they end with it.
 */
export function insideWords(command: readonly string[], options: InsideOptions): string[] {
  const { root, environment, directory, user, hidden } = options
  const [uid = '0', gid = uid] = user.split(':')
  const merged = root.kind === 'layer' ? `${root.folder}.merged` : root.folder
  const overlay = `upperdir=${root.folder},workdir=${root.folder}.work`
  const assignments = Object.entries(environment).map(([name, value]) => quote(`${name}=${value}`))
  const lines = [
    'set -e',
    ...(root.kind === 'layer'
      ? [
          `mkdir -p ${quote(merged)} ${quote(`${root.folder}.work`)}`,
          `mount -t overlay overlay -o ${quote(`lowerdir=/,${overlay}`)} ${quote(merged)}`,
          `mount -t tmpfs tmpfs ${quote(merged + hidden)}`,
        ]
      : []),
    `mount --rbind /proc ${quote(`${merged}/proc`)}`,
    `mount --rbind /dev ${quote(`${merged}/dev`)}`,
    // Without a shell inside: root, folder and user are changed by the same program that runs the command.
    `exec env -i ${assignments.join(' ')} /usr/bin/unshare --root=${quote(merged)} --wd=${quote(directory)} \\
      --setgid=${gid} --setuid=${uid} ${command.map(quote).join(' ')}`,
  ]
  return ['--mount', 'bash', '-c', lines.join('\n')]
}

/** Runs a command inside and resolves to what it printed. */
export async function runInside(command: readonly string[], options: InsideOptions): Promise<string> {
  return run('unshare', insideWords(command, options))
}
