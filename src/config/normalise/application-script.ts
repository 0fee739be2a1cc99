import type { DesiredScript } from '../../model/desired.ts';
import type { Secret } from '../../model/value.ts';
import { digestOf } from '../feature/digest.ts';
import type { RawGuest } from '../raw-guest.ts';
import { factsOf } from '../schema/key.ts';
import { prepareScript, reportAsset } from '../script-text.ts';
import type { Assets } from '../assets.ts';
import type { Findings } from '../diagnose.ts';
import type { SecretReader } from '../secrets.ts';
import type { AnySchema } from '../schema/key.ts';

export type ScriptContext = {
  readonly findings: Findings;
  readonly assets: Assets;
  readonly secrets: SecretReader;
  /** The keys of this kind of guest. */
  readonly keys: Readonly<Record<string, AnySchema>>;
};

/** A guest's application script with what it is given; undefined where there is none that can run. */
export function applicationScriptOf(guest: RawGuest, context: ScriptContext): DesiredScript | undefined {
  const { config, vmid } = guest;
  const { assets, findings } = context;
  const name = config.application_script;
  if (name === undefined) return undefined;
  const answer = assets.get('script', name);
  if (!answer.found) {
    reportAsset(
      answer,
      { what: 'An application script', position: guest.at('application_script'), target: vmid },
      findings,
    );
    return undefined;
  }
  const content = prepareScript(answer.found, { guest, findings });
  const files = filesOf(guest, context);
  const env = environmentOf(guest, context.secrets);
  const inputs = inputsOf(guest, context.keys);
  if (content === undefined) return undefined;
  const args = config.application_script_args ?? [];
  return {
    name: name.slice(name.lastIndexOf('/') + 1),
    content,
    get digest() {
      return digestOf({ content, args, env, inputs, files });
    },
    args,
    env,
    inputs,
    files,
    timeoutMs: 1000 * (config.application_script_timeout_seconds ?? 1800),
  };
}

function filesOf(guest: RawGuest, { assets, findings }: ScriptContext): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const [index, name] of (guest.config.application_script_files ?? []).entries()) {
    const answer = assets.get('file', name);
    const position = guest.at('application_script_files', index);
    if (answer.found) files[name.slice(name.lastIndexOf('/') + 1)] = answer.found.text;
    else
      reportAsset(
        answer,
        { what: 'A file of an application script', position, target: guest.vmid },
        findings,
      );
  }
  return files;
}

function environmentOf(guest: RawGuest, secrets: SecretReader): Readonly<Record<string, string | Secret>> {
  const env: Record<string, string | Secret> = {};
  for (const [name, value] of Object.entries(guest.config.application_script_env ?? {})) {
    const position = guest.at('application_script_env', name);
    env[name] = typeof value === 'object' ? secrets(value, { position, target: guest.vmid }) : String(value);
  }
  return env;
}

/** The id, the name, and every key that is meant for scripts. Never a secret. */
function inputsOf(
  guest: RawGuest,
  keys: Readonly<Record<string, AnySchema>>,
): Readonly<Record<string, unknown>> {
  const inputs: Record<string, unknown> = { vmid: guest.vmid, name: guest.config.name };
  for (const [key, value] of Object.entries(guest.config)) {
    const schema = keys[key];
    if (value !== undefined && schema && factsOf(schema).isScriptInput) inputs[key] = value;
  }
  return inputs;
}
