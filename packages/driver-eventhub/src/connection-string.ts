/** What a connection string says. */
export interface HubAddress {
  /** Name of the namespace's host, with a port where one is given. */
  readonly host: string
  readonly hub: string
  readonly keyName?: string
  readonly key?: string
  readonly signature?: string
  /** Plain TCP, as Microsoft's emulator speaks. */
  readonly emulator: boolean
}

/** The fields of a connection string by lower-case name. */
type Fields = ReadonlyMap<string, string>

const names = [
  'endpoint',
  'sharedaccesskeyname',
  'sharedaccesskey',
  'sharedaccesssignature',
  'entitypath',
  'usedevelopmentemulator',
]
/** Said by the portal's older strings; clients for other languages heed it. */
const ignored = ['transporttype']

/**
 * Takes `Endpoint=sb://host/;Name=value;…` and `eventhub://host/;Name=value;…` apart. Values are taken as they are: keys hold
 * `+`, `/` and `=`. Says what is wrong instead, without quoting any value.
 */
export function parseConnectionString(text: string): HubAddress | { readonly fault: string } {
  const fields = fieldsOf(text)
  if (typeof fields === 'string') return { fault: fields }
  const host = /^(?:sb|amqps?):\/\/([^/\s;]+)\/?$/i.exec(fields.get('endpoint') ?? '')?.[1]
  const hub = fields.get('entitypath')
  if (host === undefined)
    return { fault: 'names no host: it begins with Endpoint=sb://<namespace>.servicebus.windows.net/' }
  if (!hub) return { fault: 'names no event hub: add ;EntityPath=<name of the hub>' }
  const fault = credentialFault(fields)
  if (fault !== undefined) return { fault }
  return {
    host,
    hub,
    ...credentialsOf(fields),
    emulator: isEmulator(fields),
  }
}

function fieldsOf(text: string): Fields | string {
  const plain = text.trim().replace(/^eventhub:\/\//i, 'Endpoint=sb://')
  const fields = new Map<string, string>()
  for (const item of plain.split(';')) {
    if (item.trim() === '') continue
    const equals = item.indexOf('=')
    const name = item.slice(0, Math.max(equals, 0)).trim().toLowerCase()
    if (ignored.includes(name)) continue
    if (!names.includes(name))
      return 'holds a part that is none of Endpoint, SharedAccessKeyName, SharedAccessKey, SharedAccessSignature, EntityPath, UseDevelopmentEmulator'
    if (fields.has(name)) return 'gives one part twice'
    fields.set(name, item.slice(equals + 1).trim())
  }
  return fields
}

function credentialFault(fields: Fields): string | undefined {
  const [name, key, signature] = [
    fields.get('sharedaccesskeyname'),
    fields.get('sharedaccesskey'),
    fields.get('sharedaccesssignature'),
  ]
  if (signature && (name || key)) return 'gives a SharedAccessSignature and a key: leave one out'
  if (signature && !signature.startsWith('SharedAccessSignature '))
    return 'has a SharedAccessSignature that does not begin with "SharedAccessSignature sr="'
  if (key && !name) return 'has a SharedAccessKey without SharedAccessKeyName'
  if (name && !key) return 'has a SharedAccessKeyName without SharedAccessKey'
  if (isEmulator(fields) && !key) return 'names the emulator, which needs SharedAccessKeyName and SharedAccessKey'
  return undefined
}

function isEmulator(fields: Fields): boolean {
  return fields.get('usedevelopmentemulator')?.toLowerCase() === 'true'
}

function credentialsOf(fields: Fields): Pick<HubAddress, 'keyName' | 'key' | 'signature'> {
  const [keyName, key, signature] = [
    fields.get('sharedaccesskeyname'),
    fields.get('sharedaccesskey'),
    fields.get('sharedaccesssignature'),
  ]
  if (signature) return { signature }
  // Base64 has no percent sign, so one is the work of somebody who escaped the key.
  return keyName && key ? { keyName, key: key.replace(/%(2B|2F|3D)/gi, (code) => decodeURIComponent(code)) } : {}
}

/** The one way in which an address is written: what the vendor's clients read. */
export function formatConnectionString({ host, hub, keyName, key, signature, emulator }: HubAddress): string {
  return [
    `Endpoint=sb://${host}/`,
    ...(keyName === undefined ? [] : [`SharedAccessKeyName=${keyName}`]),
    ...(key === undefined ? [] : [`SharedAccessKey=${key}`]),
    ...(signature === undefined ? [] : [`SharedAccessSignature=${signature}`]),
    `EntityPath=${hub}`,
    ...(emulator ? ['UseDevelopmentEmulator=true'] : []),
  ].join(';')
}
