/** Gives Node versions before 20.4 the symbol that `await using` asks for. */

if (!Object.hasOwn(Symbol, 'asyncDispose')) {
  Object.defineProperty(Symbol, 'asyncDispose', { value: Symbol('Symbol.asyncDispose') });
}

export {};
