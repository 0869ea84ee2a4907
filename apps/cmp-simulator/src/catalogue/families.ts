/** A Microsoft product in all its terms; `monthlyCents` is the price of a seat for a month of an annual term, in US cents. */
export interface Family {
  name: string;
  mpn: string;
  monthlyCents: number;
  maximum: number;
  triennial?: boolean;
}

/** New commerce products. Names and prices resemble Microsoft's public list; the part numbers are of the right shape only. */
export const nceFamilies: readonly Family[] = [
  {
    name: 'Microsoft 365 Business Basic',
    mpn: 'CFQ7TTC0LH16:0001',
    monthlyCents: 600,
    maximum: 300,
    triennial: true,
  },
  {
    name: 'Microsoft 365 Business Standard',
    mpn: 'CFQ7TTC0LDPB:0001',
    monthlyCents: 1250,
    maximum: 300,
    triennial: true,
  },
  {
    name: 'Microsoft 365 Business Premium',
    mpn: 'CFQ7TTC0LCHC:0002',
    monthlyCents: 2200,
    maximum: 300,
    triennial: true,
  },
  { name: 'Microsoft 365 Apps for business', mpn: 'CFQ7TTC0LH1G:0001', monthlyCents: 825, maximum: 300 },
  { name: 'Exchange Online (Plan 1)', mpn: 'CFQ7TTC0LH16:0005', monthlyCents: 400, maximum: 5000 },
  { name: 'Exchange Online (Plan 2)', mpn: 'CFQ7TTC0LH1P:0001', monthlyCents: 800, maximum: 5000 },
  { name: 'Office 365 E1', mpn: 'CFQ7TTC0LF8Q:0001', monthlyCents: 1000, maximum: 5000 },
  { name: 'Office 365 E3', mpn: 'CFQ7TTC0LF8R:0001', monthlyCents: 2300, maximum: 5000, triennial: true },
  { name: 'Microsoft 365 E5', mpn: 'CFQ7TTC0LFLZ:0002', monthlyCents: 5700, maximum: 5000, triennial: true },
  { name: 'Visio Plan 2', mpn: 'CFQ7TTC0HD32:0002', monthlyCents: 1500, maximum: 1000 },
  { name: 'Project Plan 3', mpn: 'CFQ7TTC0HDB0:0002', monthlyCents: 3000, maximum: 1000 },
  { name: 'Microsoft Defender for Business', mpn: 'CFQ7TTC0JWRD:0001', monthlyCents: 300, maximum: 300 },
  { name: 'Microsoft Entra ID P1', mpn: 'CFQ7TTC0LFLS:0002', monthlyCents: 600, maximum: 5000 },
  { name: 'Power BI Pro', mpn: 'CFQ7TTC0HL8W:0001', monthlyCents: 1000, maximum: 5000 },
];

/** New commerce sold in five ways: a three-year term is billed by the month or all at once. No subscription has it when a world begins. */
export const launchedFamily: Family = {
  name: 'Microsoft 365 Copilot',
  mpn: 'CFQ7TTC0MM8R:0002',
  monthlyCents: 3000,
  maximum: 5000,
  triennial: true,
};

/** A month for nothing, and a plan that is charged by use: in every catalogue, and in no subscription when a world begins. */
export const trialFamily: Family = {
  name: 'Microsoft 365 Business Premium Trial',
  mpn: 'CFQ7TTC0LCHC:0001',
  monthlyCents: 0,
  maximum: 25,
};
export const azureFamily: Family = {
  name: 'Azure plan',
  mpn: 'DZH318Z0BPS6:0001',
  monthlyCents: 0,
  maximum: 1,
};

/** Legacy CSP offers: a GUID, sold bare (annual term, billed monthly), as `_ANNUAL` and as `_MONTHLY`. */
export const legacyFamilies: readonly Family[] = [
  {
    name: 'Office 365 Business Essentials',
    mpn: 'bd938f12-058f-4927-bba3-ae36b1d2501c',
    monthlyCents: 500,
    maximum: 300,
  },
  {
    name: 'Office 365 Business Premium',
    mpn: '031c9e47-4802-4248-838e-778fb1d2cc05',
    monthlyCents: 1250,
    maximum: 300,
  },
  {
    name: 'Exchange Online Archiving',
    mpn: '2828be46-46ba-4f91-b2fd-0bef192ecf60',
    monthlyCents: 300,
    maximum: 5000,
  },
  {
    name: 'Office 365 Enterprise E3',
    mpn: '796b6b5f-613c-4e24-a17c-eba730d49c02',
    monthlyCents: 2000,
    maximum: 5000,
  },
  {
    name: 'Azure Information Protection P1',
    mpn: 'd903a2db-bf6f-4434-83f1-21ba44017813',
    monthlyCents: 200,
    maximum: 5000,
  },
];

/** Plans of other vendors; `needs` names the base product that an add-on requires. */
export const otherFamilies: readonly (Family & { vendor: string; serviceName: string; needs?: string })[] = [
  {
    name: 'Cyber Protect Standard',
    mpn: 'ACR-CP-STD',
    vendor: 'ACRONIS',
    serviceName: 'ACRONIS_CP',
    monthlyCents: 450,
    maximum: 10000,
  },
  {
    name: 'Cyber Protect Cloud Storage 100 GB',
    mpn: 'ACR-CP-100G',
    vendor: 'ACRONIS',
    serviceName: 'ACRONIS_CP',
    monthlyCents: 310,
    maximum: 10000,
    needs: 'ACR-CP-STD',
  },
  {
    name: 'Backup Standard',
    mpn: 'BACKUP-STD',
    vendor: 'ACRONIS',
    serviceName: 'ACRONIS_BKP',
    monthlyCents: 250,
    maximum: 10000,
  },
  {
    name: 'Backup Standard',
    mpn: 'BACKUP-STD',
    vendor: 'VEEAM',
    serviceName: 'VEEAM_BKP',
    monthlyCents: 290,
    maximum: 10000,
  },
  {
    name: 'Acrobat Pro for teams',
    mpn: '65297934CA01A12',
    vendor: 'ADOBE',
    serviceName: 'ADOBE_VIP',
    monthlyCents: 1899,
    maximum: 1000,
  },
  {
    name: 'Email Security',
    mpn: 'PP-ESS-BUS',
    vendor: 'PROOFPOINT',
    serviceName: 'PROOFPOINT_ESS',
    monthlyCents: 265,
    maximum: 5000,
  },
];
