/** The lines of a text, empty ones left out. */
export function linesIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** The lines of a text, each as its fields between tabs. */
export function fieldsIn(text: string): readonly (readonly string[])[] {
  return linesIn(text).map((line) => line.split('\t'));
}
