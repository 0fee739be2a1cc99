/** Is an IPv4 address in a network? */
export function isInside(address: string, network: string): boolean {
  const [base = '', prefix = '32'] = network.split('/');
  const size = 2 ** (32 - Number(prefix));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
