import { useState, type ComponentPropsWithRef } from 'react';

/**
 * The button beneath every button: one that cannot be pressed for a while keeps the focus that it has. Disabled as HTML has
 * it, it would drop the focus to the page, and whoever works by keyboard would have to begin at its top again.
 */
export function HeldButton({
  disabled = false,
  onClick,
  onFocus,
  onBlur,
  type = 'button',
  ...others
}: ComponentPropsWithRef<'button'>) {
  const [focused, setFocused] = useState(false);
  const held = disabled && focused;
  return (
    <button
      {...others}
      // oxlint-disable-next-line react/button-has-type -- it is given
      type={type}
      disabled={disabled && !held}
      aria-disabled={held || undefined}
      onFocus={(event) => {
        setFocused(true);
        onFocus?.(event);
      }}
      onBlur={(event) => {
        setFocused(false);
        onBlur?.(event);
      }}
      onClick={(event) => {
        // Neither does it send the form that it stands in.
        if (held) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
