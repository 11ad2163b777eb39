import { lookup as dnsLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where clouds answer a machine's own questions, its credentials among them. No model lives there, whatever a name resolves to. */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addAddress('100.100.100.200', 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');

/** An address as text, brackets left off; a name is none, and is asked about when it has been resolved. */
export const isForbidden = (address: string): boolean => isIP(address) !== 0 && FORBIDDEN.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Resolves as usual, and then refuses: what was resolved is what is connected to. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, options, (error, address, family) => {
    const addresses = typeof address === 'string' ? [address] : (address as readonly { readonly address: string }[] | undefined ?? []).map((one) => one.address);
    const bad = error === null && addresses.some(isForbidden) ? Object.assign(new Error('forbidden'), { code: 'EFORBIDDEN' }) : error;
    callback(bad, address, family);
  });
};
