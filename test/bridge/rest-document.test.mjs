// The OpenAPI document itself: valid 3.1, and whole.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import { read } from './harness.mjs';
import { document } from './rest-support.mjs';

const operations = Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));

describe('the OpenAPI document', () => {
  test('is valid 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(document.openapi, '3.1.0');
    assert.equal(document.info.version, read('collab.control').match(/default_version *= *'(.*)'/)[1]);
  });

  test('every reference leads somewhere, every schema but messages is used', () => {
    const references = new Set(JSON.stringify(document).match(/#\/components\/[^"]+/g));
    for (const reference of references) assert.ok(reference.split('/').slice(1).reduce((at, key) => at?.[key], document), reference);
    for (const kind of ['responses', 'parameters'])
      for (const name of Object.keys(document.components[kind])) assert.ok(references.has(`#/components/${kind}/${name}`), name);
  });

  test('operations: unique names, parameters for every brace, a refusal with a problem document', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    assert.equal(new Set(names).size, names.length);
    for (const { path, method, operation } of operations) {
      const braces = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      assert.deepEqual(declared, braces, `${method} ${path}`);
      assert.ok(operation.summary.endsWith('.'), path);
      if (path.startsWith('/api')) assert.ok(operation.responses[401], path);
    }
  });

  test('every command has a message, with the fields of the table', () => {
    const commands = [...read('extension/command/commands.def').matchAll(/^COMMAND\((\w+)/gm)].map(([, name]) => name);
    assert.equal(document.components.schemas.Command.oneOf.length, commands.length);
    for (const name of commands) assert.ok(document.components.schemas[`Message_${name}`], name);
    assert.deepEqual(document.components.schemas.CREATE_TASK.required, ['title']);
    assert.equal(document.components.schemas.UPDATE_TASK.properties.updates.$ref, '#/components/schemas/Update_task');
  });

  test('its examples fit their schemas', async () => {
    const { default: Ajv2020 } = await import('ajv/dist/2020.js');
    const { default: addFormats } = await import('ajv-formats');
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    ajv.addSchema({ $id: 'openapi', ...document });
    let count = 0;
    for (const { path, method, operation } of operations) {
      const content = operation.requestBody?.content?.['application/json'];
      if (!content?.example) continue;
      count++;
      const validate = ajv.compile(JSON.parse(JSON.stringify(content.schema).replaceAll('"#/', '"openapi#/')));
      assert.ok(validate(content.example), `${method} ${path}: ${ajv.errorsText(validate.errors)}`);
    }
    assert.ok(count >= 10);
  });
});
