import * as v from 'valibot';
import { key, need } from './key.ts';
import { fileName, line, whole } from './scalars.ts';
import { textOrSecret } from './secret.ts';
import { healthCheck } from './health-check.ts';

export const featureName = line(
  'a feature\'s name: small letters, digits, "_" and "-"',
  /^[a-z][a-z0-9_-]{0,63}$/,
);

/** Option and variable names go into maps of their own, so `__proto__` is only a wrong name. */
const optionName = line('an option\'s name: small letters, digits and "_"', /^[a-z][a-z0-9_]{0,63}$/);
const variableName = line('the name of an environment variable', /^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
const options = v.record(optionName, textOrSecret);

export const featureEntry = v.pipe(
  v.union([
    featureName,
    v.object({
      name: need(featureName, "The feature's name."),
      options: key(options, 'Its options, see its manifest.'),
    }),
  ]),
  v.metadata({ expects: 'a feature\'s name, or { "name": …, "options": … }' }),
);

export const onFailure = v.pipe(
  v.picklist(['rollback', 'keep']),
  v.metadata({ expects: 'rollback or keep' }),
);

/** Keys about what runs inside a guest, the same for containers and VMs. */
export const insideKeys = {
  features: key(
    v.array(featureEntry),
    'What is installed inside, in this order: folders of `features/`, or built in.',
    { example: ['base_setup', 'docker'] },
  ),
  feature_options: key(
    v.record(featureName, options),
    'Options by feature; the same as `options` of an entry of `features`.',
    { example: { docker: { source: 'docker' } } },
  ),
  application_script: key(
    fileName,
    'A file in `scripts/` of the folder. Runs in the guest after the features, again whenever it, its variables or inputs change.',
    { example: 'install_app.sh' },
  ),
  application_script_args: key(v.array(line('a text')), 'Arguments of the application script.'),
  application_script_env: key(
    v.record(variableName, textOrSecret),
    'Environment variables of the application script.',
    { example: { DB_PASSWORD: { from_env: 'DB_PASSWORD' } } },
  ),
  application_script_files: key(
    v.array(fileName),
    'Files of `files/` that are put beside the application script while it runs.',
  ),
  application_script_timeout_seconds: key(
    whole(1, 86_400, 'seconds'),
    'Limit of the application script. Default 1800.',
  ),
  health_check: key(healthCheck, 'How to tell that the guest does its work.'),
  health_checks: key(v.array(healthCheck), 'Several of them.'),
  on_failure: key(
    onFailure,
    'What becomes of a running guest where a change or a health check after it fails: `keep` it as it is, or `rollback` to a snapshot taken before. Default: what `on_failure` of the hypervisor file says, else keep.',
    { example: 'rollback' },
  ),
};
