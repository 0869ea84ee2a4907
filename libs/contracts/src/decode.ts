import { plainToInstance } from 'class-transformer';
import {
  getMetadataStorage,
  validateSync,
  type ValidationArguments,
  type ValidationError,
  ValidationTypes,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { type ContractClass, contractOf, ContractViolated, nameOf } from './contract.ts';

/**
 * Checks a received payload against its contract. Unknown fields are preserved and ignored: within a major version producers may
 * add some.
 *
 * @throws ContractViolated naming every invalid field
 */
export function decode<T extends object>(type: ContractClass<T>, payload: unknown): T {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    throw new ContractViolated(contractName(type), ['it is not an object']);
  }
  const value = plainToInstance(type, payload);
  if (conforms(value)) return value;
  const errors = validateSync(value, { forbidUnknownValues: false });
  if (errors.length > 0)
    throw new ContractViolated(
      contractName(type),
      errors.flatMap((error) => violations(error)),
    );
  return value;
}

function contractName(type: ContractClass): string {
  try {
    return nameOf(contractOf(type));
  } catch {
    // A response's class has no contract name.
    return type.name;
  }
}

function violations(error: ValidationError, path = ''): string[] {
  const field = path ? `${path}.${error.property}` : error.property;
  const own = Object.values(error.constraints ?? {}).map((text) => (path ? `${path}: ${text}` : text));
  return [...own, ...(error.children ?? []).flatMap((child) => violations(child, field))];
}

interface Rule {
  validator: ValidatorConstraintInterface;
  constraints: unknown[];
  each: boolean;
}

interface PropertyPlan {
  property: string;
  conditions: ((object: object, value: unknown) => boolean)[];
  rules: Rule[];
  nested: boolean;
}

/** `null`: the class uses something that is not supported here. */
const plans = new WeakMap<object, readonly PropertyPlan[] | null>();

/**
 * True when class-validator would find nothing wrong, by its own validators, looked up once per class instead of once per
 * object: about five times faster, which pages of hundreds of records need. False means nothing: let class-validator decide,
 * which also has the messages.
 */
export function conforms(object: object): boolean {
  const plan = planOf(object.constructor);
  return plan !== null && plan.every((property) => holds(property, object));
}

function holds({ property, conditions, rules, nested }: PropertyPlan, object: object): boolean {
  const value = (object as Record<string, unknown>)[property];
  if (!conditions.every((condition) => condition(object, value))) return true;
  return rules.every((rule) => obeys(rule, property, object, value)) && (!nested || nestedHolds(value));
}

function obeys(
  { validator, constraints, each }: Rule,
  property: string,
  object: object,
  value: unknown,
): boolean {
  const given: ValidationArguments = {
    targetName: object.constructor.name,
    property,
    object,
    value,
    constraints,
  };
  if (!each || !isCollection(value)) return validator.validate(value, given) === true;
  return Array.isArray(value) && value.every((item) => validator.validate(item, given) === true);
}

function nestedHolds(value: unknown): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.every(nestedHolds);
  return value instanceof Object && !isCollection(value) && conforms(value);
}

const isCollection = (value: unknown): boolean =>
  Array.isArray(value) || value instanceof Set || value instanceof Map;

function planOf(type: Function): readonly PropertyPlan[] | null {
  let plan = plans.get(type);
  if (plan === undefined) plans.set(type, (plan = makePlan(type)));
  return plan;
}

function makePlan(type: Function): readonly PropertyPlan[] | null {
  const storage = getMetadataStorage();
  const byProperty = new Map<string, PropertyPlan>();
  for (const metadata of storage.getTargetValidationMetadatas(type, '', false, false)) {
    const property = metadata.propertyName;
    const plan = byProperty.get(property) ?? { property, conditions: [], rules: [], nested: false };
    byProperty.set(property, plan);
    if (metadata.validateIf) return null;
    if (metadata.type === ValidationTypes.CONDITIONAL_VALIDATION)
      plan.conditions.push(metadata.constraints[0]);
    else if (metadata.type === ValidationTypes.NESTED_VALIDATION) plan.nested = true;
    else if (
      metadata.type === ValidationTypes.CUSTOM_VALIDATION ||
      metadata.type === ValidationTypes.IS_DEFINED
    )
      for (const { instance, async } of storage.getTargetValidatorConstraints(metadata.constraintCls)) {
        if (async) return null;
        plan.rules.push({ validator: instance, constraints: metadata.constraints, each: metadata.each });
      }
    else return null;
  }
  return [...byProperty.values()];
}
