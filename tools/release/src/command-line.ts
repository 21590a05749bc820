import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkRelease, createKey, signRelease } from './sign-release.js'

const usage = `npm run release-key -- new FILE        a new key pair: FILE gets the private half, the server's package the public one
npm run release-key -- sign            signs the server's package with the key in the file that EDS_RELEASE_KEY names
npm run release-key -- check [FOLDER]  checks an unpacked package
`

/** @returns the exit code */
export async function main(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const [command, operand] = words
  try {
    if (command === 'new' && operand !== undefined) return await newKey(operand)
    if (command === 'sign') return await sign(environment.EDS_RELEASE_KEY)
    if (command === 'check') return await check(operand ?? serverDirectory())
  } catch (error) {
    process.stderr.write(`error: ${(error as Error).message}\n`)
    return 1
  }
  process.stderr.write(usage)
  return 3
}

async function newKey(file: string): Promise<number> {
  await createKey(serverDirectory(), file)
  process.stdout.write(`keep ${file} where nobody finds it; commit the public half\n`)
  return 0
}

async function sign(keyFile: string | undefined): Promise<number> {
  if (!keyFile) throw new Error('EDS_RELEASE_KEY must name the file with the private key')
  const version = await signRelease(serverDirectory(), await readFile(keyFile, 'utf8'))
  process.stdout.write(`signed version ${version}\n`)
  return 0
}

async function check(directory: string): Promise<number> {
  process.stdout.write(`version ${await checkRelease(directory)} is as it was released\n`)
  return 0
}

function serverDirectory(): string {
  return dirname(fileURLToPath(import.meta.resolve('@eds/server/package.json')))
}
