/** The table of vendors: a further one is one file and one row here. */
import { deepgram, type DeepgramService } from './deepgram.ts';
import type { MockVendor } from './vendor.ts';

/** The services of each vendor. */
export interface VendorServices {
  readonly deepgram: DeepgramService;
}

export type VendorName = keyof VendorServices;

export const VENDORS: { readonly [Name in VendorName]: MockVendor<VendorServices[Name]> } = { deepgram };
