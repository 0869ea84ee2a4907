/** Domains anybody can have an address at: sharing one says nothing about belonging together. */
export const freemailDomains: ReadonlySet<string> = new Set(
  `aol.com btinternet.com comcast.net free.fr fastmail.com freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
   googlemail.com hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it icloud.com laposte.net libero.it
   live.co.uk live.com live.nl mac.com mail.com mail.ru me.com msn.com orange.fr outlook.com outlook.de outlook.es outlook.fr
   pm.me proton.me protonmail.com qq.com rediffmail.com sbcglobal.net sfr.fr t-online.de terra.com.br tutanota.com uol.com.br
   verizon.net virgilio.it wanadoo.fr web.de yahoo.ca yahoo.co.in yahoo.co.uk yahoo.com yahoo.com.au yahoo.com.br yahoo.de
   yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru ymail.com zoho.com ziggo.nl`.split(/\s+/),
);

/** The domain of an e-mail address when it is somebody's own; undefined for freemail and for what is no address. */
export function ownDomainOf(email: string | null | undefined): string | undefined {
  const domain = /^[^@\s]+@([^@\s]+\.[^@\s]+)$/.exec(email?.trim().toLowerCase() ?? '')?.[1];
  return domain && !freemailDomains.has(domain) ? domain : undefined;
}
