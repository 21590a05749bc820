import { copyFile, cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from './run.js'

/** What a program and its native parts may load at run time without naming it: host names are looked up by these. */
const nameService = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2']

/**
 * Stands in for a base image. An image with Node.js for building: this machine's own Debian and Node.js, below an empty layer. The
 * distroless image: an empty folder with the C and C++ run time, certificates and accounts, and nothing else.
 */
export async function prepareBase(image: string, root: string): Promise<'layer' | 'whole'> {
  await mkdir(root, { recursive: true })
  if (image.startsWith('node:')) {
    await place(process.execPath, join(root, 'usr/local/bin/node'))
    return 'layer'
  }
  if (!image.startsWith('gcr.io/distroless/cc-')) throw new Error(`nothing here can stand in for the image ${image}`)
  for (const library of await runtimeLibraries()) await place(library, join(root, library))
  await place('/etc/ssl/certs/ca-certificates.crt', join(root, 'etc/ssl/certs/ca-certificates.crt'))
  await place('/etc/resolv.conf', join(root, 'etc/resolv.conf'))
  await writeFile(
    join(root, 'etc/passwd'),
    'root:x:0:0::/root:/sbin/nologin\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n',
  )
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n')
  for (const folder of ['proc', 'dev', 'tmp', 'home/nonroot']) await mkdir(join(root, folder), { recursive: true })
  return 'whole'
}

/** Of Node.js itself; a native part may use no other. */
async function runtimeLibraries(): Promise<string[]> {
  const linked = (await run('ldd', [process.execPath])).matchAll(/(\/\S+\.so[.\d]*)/g)
  const libraries = [...linked].map(([path]) => path)
  const libc = libraries.find((path) => path.endsWith('/libc.so.6'))
  if (libc === undefined) throw new Error('this machine has no glibc: the image cannot be imitated here')
  return [...libraries, ...nameService.map((name) => join(dirname(libc), name))]
}

async function place(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await copyFile(from, to)
}

/** Copies with owners and links as they are. */
export async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await cp(from, to, { recursive: true, verbatimSymlinks: true, force: true })
}
