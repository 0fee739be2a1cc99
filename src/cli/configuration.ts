import type { Folder } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { isJson, type Context } from './context.ts';
import { EXIT } from './exit-code.ts';
import { showDiagnostics } from './problem.ts';
import { Stop } from './stop.ts';

/** A folder as it was read, and everything that was found wrong with it. */
export type Reading = {
  /** Undefined where the files could not be read or parsed. */
  readonly folder?: Folder;
  readonly diagnostics: readonly Diagnostic[];
};

/** Reads the folder that the command line, the environment or the working directory names. */
export async function readConfiguration(context: Pick<Context, 'io' | 'options'>): Promise<Reading> {
  const { io, options } = context;
  const { loadFolder } = await import('../config/load-folder.ts');
  return await loadFolder({
    path: options.text('config'),
    env: io.env,
    cwd: io.cwd,
    builtinFeatures: io.featuresPath,
  });
}

/**
 * The folder, its warnings shown on stderr. An error in it stops with 65 before anything is done. For
 * a sandbox it is without what no sandbox has.
 */
export async function loadConfiguration(
  context: Context,
  host = context.options.text('host'),
): Promise<Folder> {
  return await usable(context, await readConfiguration(context), host);
}

/** The same where a folder is of use and not needed: one without any guest where none was named or found. */
export async function loadConfigurationIfAny(
  context: Context,
  host = context.options.text('host'),
): Promise<Folder> {
  const { io, options } = context;
  const isNamed = options.text('config') !== undefined || Boolean(io.env['PHOENIX_CONFIG']);
  const reading = await readConfiguration(context);
  const isAbsent = !isNamed && reading.diagnostics.some(({ code }) => code === 'config/no-files');
  return isAbsent ? NO_FOLDER : await usable(context, reading, host);
}

/** What stands for a folder where there is none; its path is empty. */
export const NO_FOLDER: Folder = {
  path: '',
  folderId: 'phoenix',
  hypervisor: { settings: {} },
  guests: new Map(),
};

async function usable(
  context: Context,
  { folder, diagnostics }: Reading,
  host: string | undefined,
): Promise<Folder> {
  const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
  if (folder === undefined || hasErrors) throw new Stop(EXIT.config, diagnostics);
  await showDiagnostics(context.io, diagnostics);
  return host === 'sandbox' ? await forSandbox(context, folder) : folder;
}

async function forSandbox(context: Context, whole: Folder): Promise<Folder> {
  const { withoutGpus } = await import('../sandbox/without-gpus.ts');
  const { folder, notices } = withoutGpus(whole);
  if (context.verb.makesGuests === true && !isJson(context)) await showDiagnostics(context.io, notices);
  return folder;
}
