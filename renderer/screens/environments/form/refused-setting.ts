import { asAppError } from '../../../../contract/wire.ts';
import { fieldAt, type FieldErrors } from './environment-form.ts';
import { windowText } from '../../../wording/window-words.ts';

/** A setting that the catalog refuses, at its field; undefined: what was thrown concerns no single one. */
export function settingRefused(thrown: unknown): FieldErrors | undefined {
  const { code, message, remedy, details } = asAppError(thrown);
  const setting = code === 'INVALID_NAME' ? 'name' : details['setting'];
  return typeof setting === 'string' ? { [fieldAt(setting)]: windowText(`${message} ${remedy}`) } : undefined;
}
