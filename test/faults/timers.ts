/** Stands in for vitest's fake timers where there is no vitest: a timeout is over as soon as somebody says so. */

const waiting: (() => void)[] = [];

Reflect.set(globalThis, 'setTimeout', (act: () => void) => waiting.push(act));

/** @public The bundler finds it under vitest's name. */
export const vi = {
  getTimerCount: (): number => waiting.length,
  runAllTimers: (): void => {
    for (const act of waiting.splice(0)) act();
  },
};
