import { describe, expect, it } from 'vitest';
import { Entrance } from './entrance.ts';

describe('the entrance', () => {
  it('takes a token once, and knows the session that it bought', () => {
    const entrance = new Entrance();
    const token = entrance.newToken();
    expect(entrance.redeem('something else')).toBeUndefined();
    const session = entrance.redeem(token);
    expect(entrance.knows(session)).toBe(true);
    expect(entrance.redeem(token)).toBeUndefined();
    expect(entrance.knows(token)).toBe(false);
    expect(entrance.knows(undefined)).toBe(false);
  });

  it('takes only the latest token, and not for long', () => {
    let now = 0;
    const entrance = new Entrance(() => now);
    const first = entrance.newToken();
    const second = entrance.newToken();
    expect(entrance.redeem(first)).toBeUndefined();
    now = 11 * 60_000;
    expect(entrance.redeem(second)).toBeUndefined();
    expect(entrance.redeem(entrance.newToken())).toBeDefined();
  });
});
