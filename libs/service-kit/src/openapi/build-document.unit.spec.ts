import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { Schemas } from './build-document.ts';

class Detail {
  @IsString() name!: string;
  @IsBoolean() bold: boolean = false;
}

class Thing {
  @IsInt() size!: number;
  @IsIn(['low', 'high']) priority: string = 'low';
  @IsOptional() @ValidateNested() @Type(() => Detail) detail?: Detail;
}

class AllGiven {
  @IsBoolean() apply: boolean = true;
}

const schemasOf = (...refs: Parameters<Schemas['ref']>[]) => {
  const schemas = new Schemas();
  for (const ref of refs) schemas.ref(...ref);
  return schemas.components as Record<string, { properties: object; required?: string[] }>;
};

it.each(['open', 'closed'] as const)('does not ask for what has a default in %s input', (input) => {
  const { Thing: thing, Detail: detail } = schemasOf([Thing, input]);
  expect(thing).toMatchObject({
    required: ['size'],
    properties: { priority: { type: 'string', enum: ['low', 'high'], default: 'low' } },
  });
  expect(detail).toMatchObject({
    required: ['name'],
    properties: { bold: { type: 'boolean', default: false } },
  });
  const { AllGiven: all } = schemasOf([AllGiven, input]);
  expect(all!.required).toBeUndefined();
});

it('promises it in a response, unless the class is also what is sent', () => {
  expect(schemasOf([Thing])).toMatchObject({
    Thing: { required: ['size', 'priority'] },
    Detail: { required: ['name', 'bold'] },
  });
  for (const both of [
    schemasOf([AllGiven], [AllGiven, 'closed']),
    schemasOf([AllGiven, 'closed'], [AllGiven]),
  ]) {
    expect(both.AllGiven!.required).toBeUndefined();
    expect(both.AllGiven).toMatchObject({ additionalProperties: false });
  }
});
