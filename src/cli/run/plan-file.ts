import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as v from 'valibot';
import type { Change } from '../../model/change.ts';
import type { Folder } from '../../model/desired.ts';
import type { RunResult } from '../../model/plan.ts';
import type { Target } from '../../model/target.ts';
import { EXIT } from '../exit-code.ts';
import type { Io } from '../io.ts';
import { stop } from '../stop.ts';

/** A plan that somebody looked at and that can be applied later, as it stands in its file. */
export type PlanFile = {
  /** Target words of the command line, and the consent that it gave. */
  readonly words: readonly string[];
  readonly allow: readonly string[];
  readonly adopt: boolean;
  /** What marked its call as one that reseeds. */
  readonly reseed?: string | undefined;
  readonly folder_id: string;
  readonly targets: readonly PlannedTarget[];
};

export type PlannedTarget = {
  readonly target: Target;
  readonly title: string;
  readonly changes: readonly Change[];
  /** Operations as `operationText` writes them. */
  readonly operations: readonly string[];
};

/**
 * Writes a plan where only its owner can read it: scripts and files stand in it whole, secrets by
 * their references.
 */
export async function writePlanFile(
  io: Io,
  path: string,
  { targets }: RunResult,
  asked: Pick<PlanFile, 'words' | 'allow' | 'adopt' | 'reseed'> & { readonly folder: Folder },
): Promise<void> {
  const { words, allow, adopt, reseed, folder } = asked;
  const document = {
    phoenix_plan: FORMAT,
    made_at: new Date(io.now()).toISOString(),
    folder_id: folder.folderId,
    words,
    allow,
    adopt,
    reseed,
    targets: targets.map(({ target, title, changes, operations }) => ({
      target,
      title,
      changes,
      operations,
    })),
  };
  const file = resolve(io.cwd, path);
  try {
    await writeFile(file, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw stop(EXIT.failed, {
      code: 'cli/plan-not-written',
      summary: 'The plan could not be written',
      detail: `${path}: ${error instanceof Error ? error.message : String(error)}`,
      remedy: 'Name a file in a folder that exists and can be written to.',
    });
  }
}

/** Reads a plan back. Stops with 65 where the file is missing or no plan of this version. */
export async function readPlanFile(io: Io, path: string): Promise<PlanFile> {
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, path), 'utf8');
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  }
  const result = v.safeParse(PLAN, document);
  if (!result.success) {
    const { message, path: where = [] } = result.issues[0];
    throw unreadable(path, `${where.map(({ key }) => String(key)).join('.') || 'the document'}: ${message}`);
  }
  const { targets, ...rest } = result.output;
  return {
    ...rest,
    targets: targets.map(({ operations, changes, ...target }) => ({
      ...target,
      changes: changes as unknown as readonly Change[],
      operations: operations.map((operation) => JSON.stringify(operation)),
    })),
  };
}

const FORMAT = 1;

const PLAN = v.object({
  phoenix_plan: v.literal(FORMAT, 'is not of this version of Phoenix'),
  folder_id: v.string(),
  words: v.array(v.string()),
  allow: v.array(v.string()),
  adopt: v.boolean(),
  reseed: v.optional(v.string()),
  targets: v.array(
    v.object({
      target: v.union([v.literal('node'), v.number()]),
      title: v.string(),
      changes: v.array(v.looseObject({ attribute: v.string(), step: v.string() })),
      operations: v.array(v.looseObject({ op: v.string() })),
    }),
  ),
});

function unreadable(path: string, detail: string) {
  return stop(EXIT.config, {
    code: 'cli/no-plan',
    summary: 'This file is no plan that can be applied',
    detail: `${path}: ${detail}`,
    remedy: 'Make one:\n    phoenix plan --out plan.json',
  });
}
