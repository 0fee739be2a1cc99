import { describe, expect, test } from 'vitest';
import { readOwnerLine, withOwnerLine, withoutOwnerLine } from '../../src/pve/notes.ts';

describe('the owner line', () => {
  test.each([
    ['no notes', undefined, 'phoenix: home/101'],
    ['empty notes', '', 'phoenix: home/101'],
    ['notes', 'mine\nsecond', 'mine\nsecond\nphoenix: home/101'],
    ['notes with the newline that Proxmox adds', 'mine\n', 'mine\nphoenix: home/101'],
    ["a copy's notes", 'mine\nphoenix: home/900\n', 'mine\nphoenix: home/101'],
    ['its own notes', 'mine\nphoenix: home/101\n', 'mine\nphoenix: home/101'],
  ])('joins %s', (_, notes, expected) => {
    expect(withOwnerLine(notes, 'home', 101)).toBe(expected);
    expect(withOwnerLine(expected, 'home', 101)).toBe(expected);
    expect(readOwnerLine(`${expected}\n`)).toEqual({ folderId: 'home', vmid: 101 });
    expect(withoutOwnerLine(expected)).toBe(withoutOwnerLine(notes));
  });

  test.each(['', 'phoenix', 'about phoenix: home/101', 'phoenix: home', 'phoenix: a b/1'])(
    'is not read from %j',
    (notes) => {
      expect(readOwnerLine(notes)).toBeUndefined();
      expect(withoutOwnerLine(notes)).toBe(notes);
    },
  );
});
