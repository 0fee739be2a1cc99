import * as v from 'valibot';
import { featureName } from './guest-features.ts';
import { key, need, once } from './key.ts';
import { anyLine, flag, line, paragraph, whole } from './scalars.ts';

const option = once(() =>
  v.object({
    description: need(paragraph, 'What it does.'),
    default: key(anyLine, 'The value where the guest sets none.', { keepsEmpty: true }),
    required: key(flag, 'The guest must set it.'),
    values: key(v.array(anyLine), 'The only values allowed.'),
    secret: key(flag, 'The value must be a secret reference.'),
  }),
);

/** `feature.json` */
export const manifest = once(() =>
  v.object({
    $schema: key(v.unknown(), 'JSON Schema for editors.'),
    name: need(featureName, "The folder's name."),
    description: need(paragraph, 'One sentence.'),
    kinds: key(
      v.array(v.pipe(v.picklist(['lxc', 'vm']), v.metadata({ expects: 'lxc or vm' }))),
      'The kinds of guest that it works in. Default: both.',
    ),
    needs: key(v.array(featureName), 'Features that must be in place before it.'),
    options: key(
      v.record(line("an option's name", /^[a-z][a-z0-9_]{0,63}$/), option()),
      'What a guest may set.',
    ),
    inputs: key(
      v.array(line('a key of the configuration', /^[a-z][a-z0-9_]*$/)),
      "Keys of the guest's configuration, or of the file's root, that the scripts read.",
    ),
    timeout_seconds: key(whole(1, 86_400, 'seconds'), 'Limit of install. Default 900.'),
  }),
);

export type Manifest = v.InferOutput<ReturnType<typeof manifest>>;
