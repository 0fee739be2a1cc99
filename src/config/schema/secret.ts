import * as v from 'valibot';
import { key, once } from './key.ts';
import { anyLine, line } from './scalars.ts';

/** A reference to a secret: exactly one of its keys. The value is read when a node needs it. */
export const secretReference = v.pipe(
  v.object({
    from_env: key(
      line('the name of an environment variable', /^[A-Za-z_][A-Za-z0-9_]*$/),
      'Name of an environment variable of the machine that runs Phoenix.',
      { example: 'DB_PASSWORD' },
    ),
    from_file: key(
      line('a path'),
      'Path of a file, relative to the configuration folder; its last line end is not part of the secret.',
      { example: '/root/.secrets/db' },
    ),
    from_command: key(
      v.pipe(v.array(line('a text')), v.minLength(1), v.metadata({ expects: 'a program and its arguments' })),
      'A program and its arguments; what it prints is the secret.',
      { example: ['pass', 'show', 'db'] },
    ),
  }),
  v.check(
    (reference) => Object.values(reference).filter((value) => value !== undefined).length === 1,
    'bad-secret',
  ),
  v.metadata({ expects: 'a secret reference', isSecret: true }),
);

export type SecretReference = v.InferOutput<typeof secretReference>;

/** A text, a number, a flag, or a reference to a secret. */
export const textOrSecret = v.pipe(
  v.union([anyLine, v.number(), v.boolean(), secretReference]),
  v.metadata({ expects: 'a text or a secret reference', keepsEmpty: true }),
);

/** A text, or a reference to a secret. */
export const secretOrText = once(() =>
  v.pipe(v.union([anyLine, secretReference]), v.metadata({ expects: 'a text or a secret reference' })),
);
