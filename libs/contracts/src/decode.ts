/// <reference path="./class-transformer-storage.d.ts" />
import { plainToInstance, TransformationType } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import type { MetadataStorage } from 'class-transformer/types/MetadataStorage.d.ts';
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
  const value = instanceOf(type, payload);
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

/** What `@Type` and the like declare. */
export const transformerMetadata: MetadataStorage = defaultMetadataStorage;

/** Thrown where a class uses more of class-transformer than `@Type`. */
const unusual = new Error('The class uses other decorators than @Type.');

/**
 * What class-transformer makes of a payload that JSON.parse has returned, ten times as fast: it looks up every decorator that it
 * knows for every member of every object; here the types of a class's members are looked up once. A class that uses
 * decorators other than `@Type` is left to class-transformer.
 */
export function instanceOf<T extends object>(type: ContractClass<T>, payload: object): T {
  try {
    return built(type, payload as Members) as T;
  } catch (error) {
    if (error !== unusual) throw error;
    return plainToInstance(type, payload);
  }
}

type Members = Record<string, unknown>;
type Class = new () => object;

function built(type: Class | undefined, members: Members): object {
  const object = (type ? new type() : {}) as Members;
  const types = type && typesOf(type);
  for (const name of Object.keys(members)) {
    // It sets neither the prototype nor a method.
    if (name === '__proto__' || name === 'constructor' || typeof object[name] === 'function') continue;
    object[name] = builtMember(types && typeOf(type, types, name), members[name]);
  }
  return object;
}

function builtMember(type: Class | undefined, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => builtMember(type, item));
  return built(type, value as Members);
}

type Types = Map<string, Class | undefined>;

const typesByClass = new WeakMap<Class, Types>();
/** A payload may have any members; those of contracts are fewer. */
const mostMembers = 200;
const notClasses = new Set<unknown>([String, Number, Boolean, Date, Buffer, Map, Set, Promise]);

function typesOf(type: Class): Types {
  let types = typesByClass.get(type);
  if (!types) {
    const transformation = TransformationType.PLAIN_TO_CLASS;
    const named = [
      ...transformerMetadata.getExposedProperties(type, transformation),
      ...transformerMetadata.getExcludedProperties(type, transformation),
    ];
    if (named.length > 0 || transformerMetadata.getStrategy(type) !== 'none') throw unusual;
    typesByClass.set(type, (types = new Map()));
  }
  return types;
}

function typeOf(type: Class, types: Types, name: string): Class | undefined {
  if (types.has(name)) return types.get(name);
  const { typeFunction, options } = transformerMetadata.findTypeMetadata(type, name) ?? {};
  const member = typeFunction?.() as Class | undefined;
  const transforms = transformerMetadata.findTransformMetadatas(
    type,
    name,
    TransformationType.PLAIN_TO_CLASS,
  );
  if (transforms.length > 0 || options?.discriminator || notClasses.has(member)) throw unusual;
  if (types.size < mostMembers) types.set(name, member);
  return member;
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
  /** False if the property is declared as a single value. */
  list: boolean;
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
  return plan !== null && plan.every((property) => holds(property, object, conforms));
}

/** Like `conforms`, and true only if the object and those within have no other members than their classes, and lists only where declared. */
export function conformsStrictly(object: object): boolean {
  const plan = planOf(object.constructor);
  if (!plan?.length) return false;
  return (
    Object.keys(object).every((name) => plan.some(({ property }) => property === name)) &&
    plan.every(
      (property) =>
        holds(property, object, conformsStrictly) &&
        !(property.nested && hasMisplacedList((object as Members)[property.property], property.list)),
    )
  );
}

const hasMisplacedList = (value: unknown, declared: boolean): boolean =>
  Array.isArray(value) && (!declared || value.some(Array.isArray));

type Check = (object: object) => boolean;

function holds({ property, conditions, rules, nested }: PropertyPlan, object: object, check: Check): boolean {
  const value = (object as Record<string, unknown>)[property];
  if (!conditions.every((condition) => condition(object, value))) return true;
  return (
    rules.every((rule) => obeys(rule, property, object, value)) && (!nested || nestedHolds(value, check))
  );
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

function nestedHolds(value: unknown, check: Check): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.every((item) => nestedHolds(item, check));
  return value instanceof Object && !isCollection(value) && check(value);
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
    const plan = byProperty.get(property) ?? {
      ...{ property, conditions: [], rules: [], nested: false, list: false },
    };
    byProperty.set(property, plan);
    if (metadata.validateIf) return null;
    plan.list ||= metadata.name === 'isArray' || metadata.each;
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
