/**
 * The bundled text of processors.ts, for loading it without a file of its own. Here only a stand-in that no
 * browser accepts: the build puts the bundle in the place of this module.
 */
export const workletSource: string = 'run from source: pass workletUrl';
