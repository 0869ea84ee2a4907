const productAndSku = /^CFQ7TTC0[0-9A-Z]{4}:[0-9A-Z]{4}$/;

/** Whether a part number is one of Microsoft's new commerce ones (productId:skuId); the rules of the window apply to those only. */
export function isNce(mpn: string): boolean {
  return productAndSku.test(mpn);
}
