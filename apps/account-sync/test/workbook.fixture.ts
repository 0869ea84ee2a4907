import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of an archive, as it is packed and as the archive describes it, which need not be the truth. */
export interface ArchiveEntry {
  name: string;
  packed: Buffer;
  /** The size that the directory and the entry's own header state. */
  claimed?: number;
  claimedInHeader?: number;
  /** Shares the bytes of the entry before it. */
  shared?: boolean;
}

/** A ZIP archive, built manually so that its headers can be wrong. */
export function zip(entries: readonly ArchiveEntry[]): Buffer {
  const local: Buffer[] = [];
  const directory: Buffer[] = [];
  let [offset, last] = [0, 0];
  for (const { name, packed, claimed = packed.length, claimedInHeader = claimed, shared } of entries) {
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(20, 4);
    head.writeUInt16LE(8, 8);
    head.writeUInt32LE(packed.length, 18);
    head.writeUInt32LE(claimedInHeader, 22);
    head.writeUInt16LE(name.length, 26);
    if (!shared) {
      last = offset;
      local.push(head, Buffer.from(name), packed);
      offset += 30 + name.length + packed.length;
    }
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(crc32(packed), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(claimed, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(last, 42);
    directory.push(entry, Buffer.from(name));
  }
  const size = directory.reduce((bytes, part) => bytes + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, ...directory, end]);
}

export const packed = (name: string, content: string | Buffer): ArchiveEntry => ({
  name,
  packed: deflateRawSync(content, { level: 1 }),
  claimed: content.length,
});

const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A workbook with one sheet, whose rows are given as XML, below the names of the columns. */
export function workbookOf(
  rows: string,
  { path = 'worksheets/sheet1.xml', strings = '', more = [] as ArchiveEntry[], prefix = '' } = {},
): Buffer {
  const p = prefix && `${prefix}:`;
  const names = ['CUSTOMER_NAME', 'SUBSCRIPTION_ID', 'RESELLER_DETAIL_TOTAL'].map(
    (name, at) => `<${p}c r="${'ABC'[at]}1" t="inlineStr"><${p}is><${p}t>${name}</${p}t></${p}is></${p}c>`,
  );
  const sheet = `<${p}worksheet><${p}sheetData><${p}row r="1">${names.join('')}</${p}row>${rows}</${p}sheetData></${p}worksheet>`;
  const links = [
    `<Relationship Id="rId1" Type="${relations}/worksheet" Target="${path}"/>`,
    `<Relationship Id="rId2" Type="${relations}/sharedStrings" Target="sharedStrings.xml"/>`,
  ];
  return zip([
    packed(
      'xl/workbook.xml',
      `<workbook xmlns:r="${relations}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ),
    packed('xl/_rels/workbook.xml.rels', `<Relationships>${links.join('')}</Relationships>`),
    ...(strings ? [packed('xl/sharedStrings.xml', `<sst>${strings}</sst>`)] : []),
    packed(`xl/${path}`, sheet),
    ...more,
  ]);
}

/** A workbook row with one string. */
export const rowWith = (cell: string, row = cell.replace(/\D/g, '')): string =>
  `<row r="${row}"><c r="${cell}" t="inlineStr"><is><t>x</t></is></c></row>`;
