import type { CallExpression, Node, ParameterDeclaration } from 'typescript/unstable/ast';
import {
  isAsExpression,
  isCallExpression,
  isConditionalExpression,
  isElementAccessExpression,
  isFunctionDeclaration,
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isObjectLiteralExpression,
  isParameterDeclaration,
  isParenthesizedExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isReturnStatement,
  isSatisfiesExpression,
  isShorthandPropertyAssignment,
  isSpreadAssignment,
  isStringLiteral,
  isTemplateExpression,
  isVariableDeclaration,
} from 'typescript/unstable/ast/is';
import type { Checker, Symbol as CodeSymbol } from 'typescript/unstable/sync';

/** Reads what pieces of code say, where that is known before they run: constants, and what every caller passes. */
export interface SqlTexts {
  /** Every text that it may be. @throws NotKnown */
  of(node: Node): readonly string[];
  /** What an object has under a name. @throws NotKnown */
  property(node: Node, name: string): readonly Node[];
}

/** What a piece of code says is known only when it runs. */
export class NotKnown extends Error {
  readonly code: string;
  constructor(node: Node) {
    super(`It is not known before it runs: ${node.getText()}`);
    this.code = node.getText();
  }
}

/** @param standInFor what to read instead of a piece that is known only when it runs */
export function sqlTexts(checker: Checker, standInFor: (node: Node) => string | undefined): SqlTexts {
  const of = (node: Node): readonly string[] => {
    const standIn = standInFor(node);
    if (standIn !== undefined) return [standIn];
    if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return [node.text];
    if (isTemplateExpression(node)) {
      return node.templateSpans.reduce<readonly string[]>(
        (before, { expression, literal }) => pairs(before, of(expression)).map((text) => text + literal.text),
        [node.head.text],
      );
    }
    const replaced = isCallExpression(node) ? replacement(node) : undefined;
    if (replaced) return of(replaced.text).map((text) => text.replace(replaced.from, replaced.to));
    return [...new Set(sources(node).flatMap(of))];
  };

  /** What stands behind a name, a property, a condition: the next piece that may say it. */
  const sources = (node: Node): readonly Node[] => {
    if (isParenthesizedExpression(node) || isAsExpression(node) || isSatisfiesExpression(node))
      return [node.expression];
    if (isConditionalExpression(node)) return [node.whenTrue, node.whenFalse];
    if (isIdentifier(node)) return behindName(checker, node);
    if (isPropertyAccessExpression(node)) return property(node.expression, node.name.text);
    if (isElementAccessExpression(node)) return property(node.expression, undefined);
    if (isCallExpression(node)) return returned(checker, node);
    throw new NotKnown(node);
  };

  /** @param name undefined: of any name */
  const property = (node: Node, name: string | undefined): readonly Node[] => {
    if (!isObjectLiteralExpression(node)) return sources(node).flatMap((source) => property(source, name));
    const found = node.properties.flatMap((each): readonly Node[] => {
      if (isSpreadAssignment(each)) return [];
      if (name !== undefined && each.name?.getText() !== name) return [];
      if (isPropertyAssignment(each)) return [each.initializer];
      return isShorthandPropertyAssignment(each) ? [each.name] : [];
    });
    if (found.length === 0) throw new NotKnown(node);
    return found;
  };
  return { of, property };
}

function pairs(before: readonly string[], after: readonly string[]): string[] {
  return before.flatMap((first) => after.map((second) => first + second));
}

/** `text.replace('from', 'to')` */
function replacement(call: CallExpression) {
  const [from, to] = call.arguments;
  const { expression } = call;
  if (!isPropertyAccessExpression(expression) || expression.name.text !== 'replace') return undefined;
  if (!from || !to || !isStringLiteral(from) || !isStringLiteral(to)) return undefined;
  return { text: expression.expression, from: from.text, to: to.text };
}

function behindName(checker: Checker, name: Node): readonly Node[] {
  const symbol = checker.getSymbolAtLocation(name);
  const declared = symbol && declarationOf(checker, symbol);
  if (declared && isVariableDeclaration(declared) && declared.initializer) return [declared.initializer];
  if (declared && isParameterDeclaration(declared) && isIdentifier(declared.name)) return passed(checker, declared);
  throw new NotKnown(name);
}

/** What a function of one statement returns. */
function returned(checker: Checker, call: CallExpression): readonly Node[] {
  const symbol = checker.getSymbolAtLocation(call.expression);
  const declared = symbol && declarationOf(checker, symbol);
  const [only, ...more] = declared && isFunctionDeclaration(declared) ? (declared.body?.statements ?? []) : [];
  if (only && more.length === 0 && isReturnStatement(only) && only.expression) return [only.expression];
  throw new NotKnown(call);
}

/** What every caller passes for a parameter. */
function passed(checker: Checker, parameter: ParameterDeclaration): readonly Node[] {
  const declaration = parameter.parent;
  const place = isFunctionDeclaration(declaration) ? declaration.parameters.indexOf(parameter) : -1;
  const usages = checker.getSignatureUsage(declaration);
  const given = usages.flatMap(({ call }) => {
    const node = call?.resolve();
    const argument = node && isCallExpression(node) ? node.arguments[place] : undefined;
    return argument ? [argument] : [];
  });
  if (given.length === 0) throw new NotKnown(parameter);
  return given;
}

/** Of the thing itself, where a name is imported. */
export function declarationOf(checker: Checker, symbol: CodeSymbol): Node | undefined {
  const declared = symbol.valueDeclaration?.resolve();
  if (declared) return declared;
  return checker.getAliasedSymbol(symbol).valueDeclaration?.resolve();
}
