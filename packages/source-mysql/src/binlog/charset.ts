import { EdsError } from '@eds/core'

/** MySQL's names → those of the Encoding standard (https://encoding.spec.whatwg.org/#names-and-labels). */
const labels: Readonly<Record<string, string>> = {
  latin2: 'iso-8859-2',
  latin5: 'windows-1254',
  greek: 'iso-8859-7',
  hebrew: 'iso-8859-8',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1256: 'windows-1256',
  cp1257: 'windows-1257',
  cp866: 'ibm866',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  tis620: 'windows-874',
  ucs2: 'utf-16be',
  utf16: 'utf-16be',
  utf16le: 'utf-16le',
  sjis: 'shift_jis',
  cp932: 'shift_jis',
  ujis: 'euc-jp',
  eucjpms: 'euc-jp',
  euckr: 'euc-kr',
  gb2312: 'gbk',
  gbk: 'gbk',
  gb18030: 'gb18030',
  big5: 'big5',
}

/** What MySQL's latin1, which is Windows's, has from 0x80 to 0x9f. Some versions of Node.js decode `windows-1252` as ISO 8859-1. */
const latin1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function decodeLatin1(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[\u0080-\u009f]/g, (text) => latin1.charAt(text.charCodeAt(0) - 0x80))
}

const utf8 = (bytes: Buffer) => bytes.toString('utf8')

/** How to read texts of a character set. Throws `unsupported` for one that nothing here knows. */
export function textDecoder(charset: string): (bytes: Buffer) => string {
  if (charset.startsWith('utf8') || charset === 'ascii') return utf8
  if (charset === 'latin1') return decodeLatin1
  const label = labels[charset]
  if (label === undefined) {
    throw new EdsError('unsupported', `texts of the character set "${charset}" cannot be read from the binary log`, {
      fix: 'use mode "triggers", or convert the column to utf8mb4',
    })
  }
  const decoder = new TextDecoder(label, { ignoreBOM: true })
  return (bytes) => decoder.decode(bytes)
}
