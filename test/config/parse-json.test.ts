import * as fc from 'fast-check';
import { parseTree } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { collectFindings } from '../../src/config/diagnose.ts';
import { parseJson } from '../../src/config/parse/parse-json.ts';
import { sourceOf } from '../../src/config/parse/source.ts';
import type { Located } from '../../src/config/parse/tree.ts';

function parse(text: string): Located | undefined {
  return parseJson(sourceOf('x.json', text), collectFindings());
}

/** Every scalar and key with the text that stands at its place. */
function pieces(node: Located | undefined, text: string): unknown[] {
  if (!node) return [];
  if (node.type === 'scalar') return [[node.value, text.slice(node.start, node.end)]];
  if (node.type === 'array') return node.items.flatMap((item) => pieces(item, text));
  return [...node.entries].flatMap(([key, entry]) => [
    [key, text.slice(entry.keyStart, entry.keyEnd)],
    ...pieces(entry.value, text),
  ]);
}

const indents = fc.constantFrom(0, 1, 2, '\t');

test('every value and key of plain JSON stands where it is said to stand', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), indents, (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      for (const piece of pieces(parse(text), text)) {
        const [found, written] = piece as [unknown, string];
        expect(JSON.parse(written)).toEqual(found);
      }
    }),
  );
});

test('plain JSON and the same with a comment give the same tree', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), indents, (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(parse(`${text}\n// the end`)).toEqual(parse(text));
    }),
  );
});

test("places agree with those of the library's own tree", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value, null, 2);
      const [ours, theirs] = [parse(text), parseTree(text)];
      expect([ours?.start, ours?.end]).toEqual([
        theirs?.offset,
        (theirs?.offset ?? 0) + (theirs?.length ?? 0),
      ]);
    }),
  );
});
