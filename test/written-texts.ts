import { parseSync } from 'vite';

/** Stands for whatever a text is filled with: it could be an id, a name or a number. */
const FILLING = '12ab';
/** Of one text, at most: each choice within it doubles them. */
const MOST_VARIANTS = 256;

export interface Node {
  readonly type: string;
  readonly start: number;
  readonly [member: string]: unknown;
}

export interface WrittenText {
  readonly line: number;
  /** As it reads when it is filled, for each of its choices. */
  readonly variants: readonly string[];
}

/**
 * The texts that a source file writes, each as a whole: with what it takes from constants, conditions and other texts of
 * the file, which are not told once more by themselves.
 */
export function textsIn(path: string, code: string): readonly WrittenText[] {
  const { program, errors } = parseSync(path, code);
  if (errors.length > 0) throw new Error(`${path} cannot be read: ${errors[0]!.message}`);
  const nodes = [...nodesIn(program)];
  const constants = new Map<string, Node>();
  for (const { type, id, init } of nodes)
    if (type === 'VariableDeclarator' && isNode(id) && isNode(init) && typeof id['name'] === 'string')
      constants.set(id['name'], init);
  const parts = new Set<Node>();
  const texts = nodes.flatMap((node) => {
    const variants = isText(node) ? variantsOf(node, constants, parts, new Set()) : [];
    return variants.length === 0 ? [] : [{ node, variants }];
  });
  return texts
    .filter(({ node }) => !parts.has(node))
    .map(({ node, variants }) => ({ line: code.slice(0, node.start).split('\n').length, variants }));
}

function isText({ type, value, operator }: Node): boolean {
  return (
    (type === 'Literal' && typeof value === 'string') ||
    type === 'TemplateLiteral' ||
    (type === 'BinaryExpression' && operator === '+')
  );
}

/** @param parts is told which nodes are a part of this text */
function variantsOf(
  node: Node,
  constants: ReadonlyMap<string, Node>,
  parts: Set<Node>,
  within: ReadonlySet<string>,
): readonly string[] {
  const inner = (part: unknown): readonly string[] => {
    if (!isNode(part)) return [FILLING];
    parts.add(part);
    return variantsOf(part, constants, parts, within);
  };
  switch (node.type) {
    case 'Literal':
      return [typeof node['value'] === 'string' ? node['value'] : FILLING];
    case 'TemplateLiteral': {
      const quasis = node['quasis'] as readonly { readonly value: { readonly cooked: string } }[];
      const filled = (node['expressions'] as readonly Node[]).map(inner);
      return quasis.reduce<readonly string[]>(
        (before, { value }, nth) => product(before, product([value.cooked], filled[nth] ?? [''])),
        [''],
      );
    }
    case 'BinaryExpression':
      return node['operator'] === '+' ? product(inner(node['left']), inner(node['right'])) : [FILLING];
    case 'ParenthesizedExpression':
      return inner(node['expression']);
    case 'ConditionalExpression':
      return [...inner(node['consequent']), ...inner(node['alternate'])];
    case 'LogicalExpression':
      return node['operator'] === '&&' ? ['', ...inner(node['right'])] : [FILLING, ...inner(node['right'])];
    case 'Identifier': {
      const name = node['name'] as string;
      const value = constants.get(name);
      const holdsText = value && (isText(value) || value.type === 'ConditionalExpression');
      if (!holdsText || within.has(name)) return [FILLING];
      parts.add(value);
      return variantsOf(value, constants, parts, new Set([...within, name]));
    }
    default:
      return [FILLING];
  }
}

function product(before: readonly string[], after: readonly string[]): readonly string[] {
  return before.flatMap((one) => after.map((other) => one + other)).slice(0, MOST_VARIANTS);
}

export function* nodesIn(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodesIn(one);
  else if (isNode(value)) {
    yield value;
    for (const member of Object.values(value)) yield* nodesIn(member);
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Node>).type === 'string';
}
