import type { AssetAnswer, AssetRequest, Assets } from './assets.ts';
import { checkTemplate } from './check/check-template.ts';
import type { Findings } from './diagnose.ts';
import { positionAt, type Source, sourceOf } from './parse/source.ts';
import type { LocatedObject } from './parse/tree.ts';

/** A parsed document of `templates/`. */
export type Template = { readonly source: Source; readonly root: LocatedObject };

export type Templates = {
  /** A template, or why there is none; a wrong one is `reported`. */
  readonly get: (name: string) => Template | Exclude<AssetAnswer, { found: object }>;
};

/** Parses the Cloud-Init documents that guests name, each once, as Cloud-Init itself reads them. */
export async function readTemplates(
  requests: Iterable<AssetRequest>,
  assets: Assets,
  findings: Findings,
): Promise<Templates> {
  const names = new Set<string>();
  for (const { kind, name } of requests) if (kind === 'template') names.add(name);
  const parsed = new Map<string, Template | undefined>();
  for (const name of names) {
    const { found } = assets.get('template', name);
    if (found) parsed.set(name, await parseTemplate(sourceOf(found.file, found.text), findings));
  }
  return {
    get: (name) => {
      const template = parsed.get(name);
      if (template) return template;
      const answer = assets.get('template', name);
      return answer.found ? { problem: 'reported', looked: '' } : answer;
    },
  };
}

async function parseTemplate(source: Source, findings: Findings): Promise<Template | undefined> {
  const foreign = /^(?:#!|#include|#part-handler|## template:|Content-Type:|#cloud-(?!config\b))/.exec(
    source.text,
  );
  if (foreign) {
    findings.add('bad-template', {
      summary: 'A template is no YAML document',
      detail: 'Its first line makes Cloud-Init read it as something else, which nothing can be merged into.',
      position: positionAt(source, 0, foreign[0].length),
    });
    return undefined;
  }
  const { parseYaml } = await import('./parse/parse-yaml.ts');
  // PyYAML, which reads it in the VM, knows YAML 1.1 only: there `0644` is octal and `yes` is true.
  const root = parseYaml(source, findings, '1.1');
  if (!root) return undefined;
  if (root.type === 'object') {
    checkTemplate({ source, root }, findings);
    return { source, root };
  }
  findings.add('not-an-object', {
    summary: 'A template holds no mapping',
    remedy: 'Write its keys as "key: value" lines.',
    position: positionAt(source, root.start, root.end),
  });
  return undefined;
}
