"""The vendor's published schemas, made strict: a member they do not name is a difference."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft4Validator, Draft7Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4, DRAFT7

_URI = "urn:vendor"


class VendorSchemas:
    """One of the two files: OpenAPI 3.0 for REST or AsyncAPI 3.0 for the socket."""

    def __init__(self, path: Path, *, is_socket: bool) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._tree: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), loader)
        for name, schema in self._tree["components"]["schemas"].items():
            schema["title"] = name
        _harden(self._tree)
        self._validator = Draft7Validator if is_socket else Draft4Validator
        draft = DRAFT7 if is_socket else DRAFT4
        self._registry: Registry[Any] = Registry().with_resource(_URI, Resource(self._tree, draft))

    def reply_schema(self, method: str, path: str, status: int) -> dict[str, Any] | str:
        """Schema of a reply, {} for one without content, or what of it is not in the file."""
        for template, operations in self._sorted_paths():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path):
                operation = operations.get(method.lower())
                if operation is None:
                    return f"{method} {template}: no such method"
                return self._content(operation, f"{method} {template}", status)
        return f"{method} {path}: no such path"

    def component(self, name: str) -> dict[str, Any]:
        """Schema of this name."""
        return dict(self._tree["components"]["schemas"][name])

    def frame_schema(self, kind: str) -> dict[str, Any]:
        """Schema of a message of this type."""
        messages = self._tree["components"]["messages"]
        (payload,) = (
            message["payload"]
            for key, message in messages.items()
            if message["name"] == kind and not key.endswith("Command")
        )
        return dict(payload)

    def differences(self, value: object, schema: dict[str, Any], name: str) -> set[str]:
        """Where a value departs from a schema, each as "Object.member: how"."""
        validator = self._validator(schema, registry=self._registry)
        return {line for error in validator.iter_errors(value) for line in _lines(error, name)}

    def _sorted_paths(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Paths without parameters first, as they win over patterns."""
        yield from sorted(self._tree["paths"].items(), key=lambda entry: entry[0].count("{"))

    def _content(self, operation: dict[str, Any], name: str, status: int) -> dict[str, Any] | str:
        response = operation["responses"].get(str(status))
        if response is None:
            return f"{name}: no status {status}"
        while "$ref" in response:
            response = self._follow(response["$ref"])
        content = response.get("content", {}).get("application/json")
        return {} if content is None else dict(content["schema"])

    def _follow(self, ref: str) -> dict[str, Any]:
        node = self._tree
        for step in ref.partition("#/")[2].split("/"):
            node = node[step]
        return node


def _harden(node: object) -> None:
    """Forbid unnamed members, let nullable mean null, and give references a base."""
    if isinstance(node, list):
        for item in node:
            _harden(item)
        return
    if not isinstance(node, dict):
        return
    for child in node.values():
        _harden(child)
    if isinstance(node.get("$ref"), str):
        node["$ref"] = _URI + node["$ref"] if node["$ref"].startswith("#") else node["$ref"]
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        node.setdefault("additionalProperties", False)
    if node.get("nullable") is True and "allOf" in node:
        node["anyOf"] = [{"allOf": node.pop("allOf")}, {"type": "null"}]
    elif node.get("nullable") is True and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
        if "enum" in node:
            node["enum"] = [*node["enum"], None]


def _lines(error: ValidationError, name: str) -> Iterator[str]:
    schema = error.schema if isinstance(error.schema, dict) else {}
    owner = schema.get("title") or ".".join([name, *_names(error)])
    if error.validator == "required":
        missing = [member for member in error.validator_value if member not in error.instance]
        yield from (f"{owner}.{member}: missing" for member in missing)
    elif error.validator == "additionalProperties":
        unnamed = error.instance.keys() - schema["properties"].keys()
        yield from (f"{owner}.{member}: not in the file" for member in unnamed)
    else:
        place = ".".join([name, *_names(error)])
        yield f"{place}: {error.validator} of {error.instance!r:.40}"


def _names(error: ValidationError) -> list[str]:
    return [step for step in error.absolute_path if isinstance(step, str)]
