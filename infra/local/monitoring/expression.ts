/**
 * Metric math: the part of it that alarms here use. Operators and functions work period by period; where one of their
 * operands is missing, so is the result. What is not emulated throws when the expression is read, by name.
 */
import { DeploymentRefused } from '../errors.ts';

/** The value of a metric or another expression; `age` counts periods back from the latest, which is 0. */
type Lookup = (id: string, age: number) => number | undefined;

export interface Expression {
  /** Ids it refers to. */
  readonly ids: readonly string[];
  /** @param range how many periods there are to look at */
  readonly at: (age: number, lookup: Lookup, range: number) => number | undefined;
}

type Term = Expression['at'];

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|!=|&&|\|\||[-+*/^()<>,[\]]))/uy;

type Binary = (left: number, right: number) => number;

const truth = (holds: boolean): number => (holds ? 1 : 0);
/** From the loosest to the tightest. */
const OPERATORS: readonly Readonly<Record<string, Binary>>[] = [
  { '||': (a, b) => truth(a !== 0 || b !== 0), OR: (a, b) => truth(a !== 0 || b !== 0) },
  { '&&': (a, b) => truth(a !== 0 && b !== 0), AND: (a, b) => truth(a !== 0 && b !== 0) },
  {
    '<': (a, b) => truth(a < b),
    '>': (a, b) => truth(a > b),
    '<=': (a, b) => truth(a <= b),
    '>=': (a, b) => truth(a >= b),
    '==': (a, b) => truth(a === b),
    '!=': (a, b) => truth(a !== b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b },
];

/** Of a list of metrics, period by period; a member without a value is left out. */
const OF_LISTS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  MAX: (values) => Math.max(...values),
  MIN: (values) => Math.min(...values),
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
};
const OF_ONE: Readonly<Record<string, (value: number) => number>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
};

/** @throws DeploymentRefused when something in it is not emulated; `where` names the alarm */
export function readExpression(text: string, where: string): Expression {
  return new Reader(text, where).read();
}

class Reader {
  readonly #text: string;
  readonly #where: string;
  readonly #tokens: readonly string[];
  readonly #ids = new Set<string>();
  #next = 0;

  constructor(text: string, where: string) {
    this.#text = text;
    this.#where = where;
    this.#tokens = this.#split();
  }

  read(): Expression {
    const at = this.#operation(0);
    if (this.#peek() !== undefined) return this.#refuse(`${this.#peek()}`);
    return { ids: [...this.#ids], at: (age, lookup, range) => finite(at(age, lookup, range)) };
  }

  #split(): readonly string[] {
    const tokens: string[] = [];
    const text = this.#text.trimEnd();
    for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
      const from = TOKEN.lastIndex;
      const found = TOKEN.exec(text);
      if (found === null) return this.#refuse(text.slice(from));
      tokens.push(found[0].trim());
    }
    return tokens;
  }

  #operation(level: number): Term {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.#signed();
    let left = this.#operation(level + 1);
    for (
      let operator = operators[this.#peek() ?? ''];
      operator !== undefined;
      operator = operators[this.#peek() ?? '']
    ) {
      this.#next += 1;
      left = both(left, this.#operation(level + 1), operator);
    }
    return left;
  }

  #signed(): Term {
    if (this.#peek() !== '-') return this.#operand();
    this.#next += 1;
    return one(this.#signed(), (value) => -value);
  }

  #operand(): Term {
    const token = this.#take();
    if (/^\d/u.test(token)) {
      const value = Number(token);
      return () => value;
    }
    if (token === '(') {
      const inner = this.#operation(0);
      this.#expect(')');
      return inner;
    }
    if (/^[a-z]/u.test(token)) {
      this.#ids.add(token);
      return (age, lookup) => lookup(token, age);
    }
    return this.#call(token);
  }

  #call(name: string): Term {
    if (this.#peek() !== '(') return this.#refuse(name);
    this.#next += 1;
    const term = this.#function(name);
    this.#expect(')');
    return term;
  }

  #function(name: string): Term {
    const ofOne = OF_ONE[name];
    if (ofOne !== undefined) return one(this.#operation(0), ofOne);
    const ofLists = OF_LISTS[name];
    if (ofLists !== undefined) return overList(this.#list(), ofLists);
    switch (name) {
      case 'IF': {
        const condition = this.#operation(0);
        this.#expect(',');
        const then = this.#operation(0);
        if (this.#peek() !== ',') return chosen(condition, then, () => undefined);
        this.#next += 1;
        return chosen(condition, then, this.#operation(0));
      }
      case 'FILL': {
        const filled = this.#operation(0);
        this.#expect(',');
        if (this.#peek() !== 'REPEAT') return otherwise(filled, this.#operation(0));
        this.#next += 1;
        return repeated(filled);
      }
      default:
        return this.#refuse(name);
    }
  }

  #list(): readonly Term[] {
    this.#expect('[');
    const terms = [this.#operation(0)];
    while (this.#peek() === ',') {
      this.#next += 1;
      terms.push(this.#operation(0));
    }
    this.#expect(']');
    return terms;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #take(): string {
    const token = this.#peek();
    this.#next += 1;
    return token ?? this.#refuse('its end');
  }

  #expect(token: string): void {
    const taken = this.#take();
    if (taken !== token) this.#refuse(taken);
  }

  #refuse(what: string): never {
    throw new DeploymentRefused(`${this.#where}: ${what} in the expression ${this.#text} is not emulated`);
  }
}

/** Nothing comes of a division by zero. */
function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function one(term: Term, operation: (value: number) => number): Term {
  return (...at) => {
    const value = term(...at);
    return value === undefined ? undefined : operation(value);
  };
}

function both(left: Term, right: Term, operation: Binary): Term {
  return (...at) => {
    const a = left(...at);
    const b = right(...at);
    return a === undefined || b === undefined ? undefined : finite(operation(a, b));
  };
}

function overList(terms: readonly Term[], operation: (values: readonly number[]) => number): Term {
  return (...at) => {
    const values = terms.map((term) => term(...at)).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : operation(values);
  };
}

function chosen(condition: Term, then: Term, other: Term): Term {
  return (...at) => {
    const holds = condition(...at);
    if (holds === undefined) return undefined;
    return holds === 0 ? other(...at) : then(...at);
  };
}

function otherwise(term: Term, substitute: Term): Term {
  return (...at) => term(...at) ?? substitute(...at);
}

/** What is missing is what it was before, as far back as there is something to look at. */
function repeated(term: Term): Term {
  return (age, lookup, range) => {
    for (let back = age; back < range; back += 1) {
      const value = term(back, lookup, range);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}
