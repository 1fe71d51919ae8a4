#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks JSON values, one a line, against a definition of doc/posthaste.schema.json.

    json_schema.py SCHEMA DEFINITION <VALUES

Knows the keywords that schema uses, and fails on any other.  Beyond the schema, KEY and KEY_unix must be the same time.
Prints what is wrong; exit status 1 if anything is, or if there is no value.
"""
import base64
import calendar
import json
import re
import sys
import time

TYPES = {
    'object': lambda v: isinstance(v, dict),
    'array': lambda v: isinstance(v, list),
    'string': lambda v: isinstance(v, str),
    'integer': lambda v: isinstance(v, int) and not isinstance(v, bool),
    'boolean': lambda v: isinstance(v, bool),
    'null': lambda v: v is None,
}
KNOWN = {'$ref', 'description', 'type', 'enum', 'pattern', 'minimum', 'maximum', 'contentEncoding', 'items',
         'properties', 'required', 'allOf', 'additionalProperties', 'unevaluatedProperties'}


def resolve(schema, root):
    while '$ref' in schema:
        schema = root['$defs'][schema['$ref'].removeprefix('#/$defs/')]
    return schema


def named(schema, root):
    """The properties that a schema and all it refers to name."""
    schema = resolve(schema, root)
    names = set(schema.get('properties', {}))
    for part in schema.get('allOf', []):
        names |= named(part, root)
    return names


def check_plain(value, schema, at):
    types = schema.get('type')
    types = [types] if isinstance(types, str) else types
    if types and not any(TYPES[t](value) for t in types):
        yield f'{at}: {value!r} is none of {types}'
    if 'enum' in schema and value not in schema['enum']:
        yield f'{at}: {value!r} is none of {schema["enum"]}'
    if isinstance(value, str) and not re.search(schema.get('pattern', ''), value):
        yield f'{at}: {value!r} does not match {schema["pattern"]}'
    if isinstance(value, str) and 'contentEncoding' in schema:
        base64.b64decode(value, validate=True)
    if TYPES['integer'](value) and not schema.get('minimum', value) <= value <= schema.get('maximum', value):
        yield f'{at}: {value} is out of range'


def check_object(value, schema, root, at):
    properties = schema.get('properties', {})
    for key in schema.get('required', []):
        if key not in value:
            yield f'{at}: {key} is missing'
    for key in value:
        if key in properties:
            yield from check(value[key], properties[key], root, f'{at}.{key}')
        elif 'additionalProperties' in schema:
            yield from check(value[key], schema['additionalProperties'], root, f'{at}.{key}')
        elif schema.get('unevaluatedProperties') is False and key not in named(schema, root):
            yield f'{at}: {key} is not described'
        if key + '_unix' in value and value[key] is not None:
            seconds = calendar.timegm(time.strptime(value[key], '%Y-%m-%dT%H:%M:%SZ'))
            if seconds != value[key + '_unix']:
                yield f'{at}: {key} and {key}_unix differ'


def check(value, schema, root, at):
    schema = resolve(schema, root)
    unknown = set(schema) - KNOWN
    if unknown:
        yield f'the schema uses {unknown}'
    yield from check_plain(value, schema, at)
    for part in schema.get('allOf', []):
        yield from check(value, part, root, at)
    if isinstance(value, dict):
        yield from check_object(value, schema, root, at)
    if isinstance(value, list) and 'items' in schema:
        for i, item in enumerate(value):
            yield from check(item, schema['items'], root, f'{at}[{i}]')


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        root = json.load(file)
    lines = [line for line in sys.stdin if line.strip()]
    wrong = [] if lines else ['nothing was printed']
    for line in lines:
        wrong += check(json.loads(line), {'$ref': '#/$defs/' + sys.argv[2]}, root, '')
    print('\n'.join(wrong[:20]))
    sys.exit(1 if wrong else 0)


if __name__ == '__main__':
    main()
