import { createHash } from 'node:crypto';
import type { Command, Parameters } from '../call/command.ts';
import { ParameterError, refuseParameter, ToolError } from '../call/errors.ts';
import { byCode, splitList } from '../call/lists.ts';
import { withLock, type Session } from '../call/session.ts';
import { refuseModified } from '../container/digest.ts';
import { printJson } from '../qm/json.ts';
import { loadFirewall, saveFirewall, type FirewallConfig } from './firewall-config.ts';
import { verifyRule, type Rule } from './firewall-rule.ts';
import { OPTIONS, RULE_NAMES } from './shapes.ts';

/** All rules of a guest, each with the digest of them all. */
export function getRules(vmid: number): Command {
  return {
    run: async (session, parameters) => {
      const { rules } = await loadFirewall(session, vmid);
      const digest = digestOf(rules.map(shownRule));
      show(
        session,
        parameters,
        rules.map((rule, pos) => ({ ...shownRule(rule), ...shownErrors(rule), digest, pos })),
      );
    },
  };
}

export function getRule(vmid: number, position: number): Command {
  return {
    run: async (session, parameters) => {
      const { rules } = await loadFirewall(session, vmid);
      const rule = needRule(rules, position);
      const digest = digestOf(rules.map(shownRule));
      show(session, parameters, { ...shownRule(rule), ...shownErrors(rule), digest, pos: position });
    },
  };
}

/** A new rule stands first, and is off unless it says otherwise. */
export function createRule(vmid: number): Command {
  return change(vmid, (config, parameters) => {
    const fields = new Map<string, string>();
    copyFields(fields, parameters);
    const verified = refuseErrors(fields, config);
    config.rules.unshift({ fields, isEnabled: (parameters.number('enable') ?? 0) > 0, ...verified });
  });
}

export function setRule(vmid: number, position: number): Command {
  return change(vmid, (config, parameters) => {
    refuseModified(parameters.text('digest'), digestOf(config.rules.map(shownRule)));
    const rule = needRule(config.rules, position);
    const target = parameters.number('moveto');
    if (target !== undefined && target !== position) {
      const others = config.rules.filter((other) => other !== rule);
      others.splice(target > position ? target - 1 : target, 0, rule);
      config.rules = others;
      return;
    }
    copyFields(rule.fields, parameters);
    for (const name of splitList(parameters.text('delete') ?? '')) rule.fields.delete(name);
    const enable = parameters.number('enable');
    if (enable !== undefined) rule.isEnabled = enable > 0;
    refuseErrors(rule.fields, config);
  });
}

export function deleteRule(vmid: number, position: number): Command {
  return change(vmid, (config, parameters) => {
    refuseModified(parameters.text('digest'), digestOf(config.rules.map(shownRule)));
    needRule(config.rules, position);
    config.rules.splice(position, 1);
  });
}

export function getOptions(vmid: number): Command {
  return {
    run: async (session, parameters) => {
      const options = shownOptions(await loadFirewall(session, vmid));
      show(session, parameters, { ...options, digest: digestOf([options]) });
    },
  };
}

export function setOptions(vmid: number): Command {
  return change(vmid, (config, parameters) => {
    refuseModified(parameters.text('digest'), digestOf([shownOptions(config)]));
    for (const name of splitList(parameters.text('delete') ?? '')) {
      if (!Object.hasOwn(OPTIONS, name)) throw refuseParameter('delete', `no such option '${name}'`);
      config.options.delete(name);
    }
    for (const name of Object.keys(OPTIONS)) {
      const value = parameters.text(name);
      if (value !== undefined) config.options.set(name, value);
    }
  });
}

/** A change under the file's lock. What it refuses by a parameter exits with the code that is left behind. */
function change(vmid: number, apply: (config: FirewallConfig, parameters: Parameters) => void): Command {
  return {
    run: async (session, parameters) => {
      try {
        await withLock(session, `/var/lock/pve-firewall-${vmid}.lck`, 10_000, async () => {
          const config = await loadFirewall(session, vmid);
          apply(config, parameters);
          await saveFirewall(session, vmid, config);
        });
        return 0;
      } catch (error) {
        if (!(error instanceof ParameterError)) throw error;
        session.fail(
          error.describe(
            'pvesh create <api_path> --action <string> --type <string> [OPTIONS] [FORMAT_OPTIONS]',
          ),
        );
        return 2;
      }
    },
  };
}

function copyFields(fields: Map<string, string>, parameters: Parameters): void {
  for (const name of RULE_NAMES) {
    const value = parameters.text(name);
    if (value === '') fields.delete(name);
    else if (value !== undefined) fields.set(name, value);
  }
}

/** A call's rule has to be right; only the first thing that is wrong is said. */
function refuseErrors(
  fields: Map<string, string>,
  config: FirewallConfig,
): { ipversion: 4 | 6 | undefined; errors: ReadonlyMap<string, string> } {
  const verified = verifyRule(fields, config.names);
  const [first] = verified.errors;
  if (first !== undefined) throw refuseParameter(...first);
  return verified;
}

function needRule(rules: readonly Rule[], position: number): Rule {
  const rule = rules[position];
  if (rule === undefined) throw new ToolError(`no rule at position ${position}`);
  return rule;
}

type Shown = Readonly<Record<string, string | number>>;

function shownRule(rule: Rule): Shown {
  return {
    ...Object.fromEntries(rule.fields),
    enable: rule.isEnabled ? 1 : 0,
    ...(rule.ipversion !== undefined && rule.errors.size === 0 && { ipversion: rule.ipversion }),
  };
}

function shownErrors(rule: Rule): { readonly errors?: Readonly<Record<string, string>> } {
  return rule.errors.size === 0 ? {} : { errors: Object.fromEntries(rule.errors) };
}

function shownOptions(config: FirewallConfig): Shown {
  const isNumber = (name: string): boolean => OPTIONS[name]?.type === 'boolean';
  return Object.fromEntries(
    [...config.options].map(([name, value]) => [name, isNumber(name) ? Number(value) : value]),
  );
}

function digestOf(entries: readonly Shown[]): string {
  const sha = createHash('sha1');
  for (const entry of entries) {
    for (const key of Object.keys(entry).toSorted(byCode)) sha.update(`${key}:${entry[key]}\n`);
  }
  return sha.digest('hex');
}

/** Prints an answer: in one line as `json`, else over several. The twin draws no tables. */
function show(session: Session, parameters: Parameters, value: unknown): void {
  if (parameters.flag('quiet')) return;
  const isPlain = parameters.text('output-format') === 'json';
  session.print(isPlain ? `${JSON.stringify(sortKeys(value))}\n` : printJson(value));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const fields: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(
    fields.toSorted(([a], [b]) => byCode(a, b)).map(([key, entry]) => [key, sortKeys(entry)]),
  );
}
