const legalForms = new Set(
  `ab ag as aps bv bvba co company corp corporation gmbh inc incorporated kg kgaa limited limitada llc llp lp ltd ltda nv oy
   plc pte pty pvt sa sas sarl se sl slu spa srl ug`.split(/\s+/),
);

/**
 * A company's name as it is compared: without case, accents, punctuation and legal form, so that "Müller & Co. GmbH" and
 * "MULLER AND CO" are one. A name of nothing but a legal form stays as it is.
 */
export function comparableName(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/&/g, ' and ')
    // S.p.A. and B.V. are one word each.
    .replace(/(?<=\b\p{Letter})\.(?=\p{Letter}\b)/gu, '')
    .split(/[^\p{Letter}\p{Number}]+/u)
    .filter(Boolean);
  const kept = [...words];
  while (kept.length > 1 && (legalForms.has(kept.at(-1) ?? '') || kept.at(-1) === 'and')) kept.pop();
  return kept.join(' ');
}
