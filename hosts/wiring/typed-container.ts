import 'reflect-metadata';
import { Container, ContainerModule } from 'inversify';
import type { Token } from './tokens.ts';

/** Resolves a token to what it is bound to. */
export type Get = <T>(token: Token<T>) => T;

/** Binds a token to a factory; what it makes is made once. */
export type Bind = <T>(token: Token<T>, make: (get: Get) => T) => void;

/** A module of the graph: one capability's bindings. */
export function graphModule(define: (bind: Bind) => void): ContainerModule {
  return new ContainerModule(({ bind }) => {
    define((token, make) => {
      bind(token)
        .toDynamicValue((context) => make((wanted) => context.get(wanted)))
        .inSingletonScope();
    });
  });
}

/** The graph of the modules, as a function that resolves tokens. */
export function resolver(...modules: readonly ContainerModule[]): Get {
  const container = new Container();
  container.load(...modules);
  return (token) => container.get(token);
}
