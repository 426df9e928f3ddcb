"""Runs GraphQL documents over plain values, without a schema.

The official SDL cannot be shipped here, so nothing is type-checked up front: a resolver per root
field gives a dictionary, and the selection set picks from it. A value that takes arguments is a
function of them. A field a value does not have is refused as `undefinedField`, never answered null.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
    value_from_ast_untyped,
)

Object = dict[str, Any]
Arguments = Mapping[str, Any]


class GraphQLError(Exception):
    """A top-level error, as Shopify writes it."""

    def __init__(self, message: str, code: str, path: list[str], **extensions: Any) -> None:
        super().__init__(message)
        self.entry: Object = {"message": message, "extensions": {"code": code, **extensions}}
        if path:
            self.entry["path"] = path


@dataclass(frozen=True, slots=True)
class Root:
    """One root field as it was asked for."""

    name: str
    arguments: Arguments
    directives: Mapping[str, Arguments]


Resolver = Callable[[Root], Any]


@dataclass(slots=True)
class Request:
    """A parsed document with the operation to run."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Object = field(default_factory=dict)

    @property
    def mutation(self) -> bool:
        """Whether it changes something."""
        return self.operation.operation is OperationType.MUTATION

    def roots(self) -> Iterator[tuple[str, FieldNode, Root]]:
        """The root fields, with the keys they answer under."""
        for key, node in self._fields(self.operation.selection_set, "QueryRoot"):
            directives = {
                directive.name.value: self._arguments(directive.arguments)
                for directive in node.directives or ()
            }
            yield key, node, Root(node.name.value, self._arguments(node.arguments), directives)

    def select(self, value: Any, node: FieldNode, path: list[str]) -> Any:
        """What the selection set of `node` picks from `value`."""
        if isinstance(value, list):
            return [self.select(entry, node, path) for entry in value]
        if not isinstance(value, dict) or node.selection_set is None:
            return value
        typename = value.get("__typename", "Object")
        picked: Object = {}
        for key, child in self._fields(node.selection_set, typename):
            name = child.name.value
            if name not in value:
                raise GraphQLError(
                    f"Field '{name}' doesn't exist on type '{typename}'",
                    "undefinedField",
                    [*path, name],
                    typeName=typename,
                    fieldName=name,
                )
            inner = value[name]
            if callable(inner):
                inner = inner(self._arguments(child.arguments))
            picked[key] = self.select(inner, child, [*path, key])
        return picked

    def _fields(
        self, selections: SelectionSetNode, typename: str
    ) -> Iterator[tuple[str, FieldNode]]:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield (node.alias or node.name).value, node
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                if _applies(fragment.type_condition.name.value, typename):
                    yield from self._fields(fragment.selection_set, typename)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or _applies(condition.name.value, typename):
                    yield from self._fields(node.selection_set, typename)

    def _included(self, node: Any) -> bool:
        for directive in node.directives or ():
            wanted = self._arguments(directive.arguments).get("if")
            if directive.name.value == "skip" and wanted:
                return False
            if directive.name.value == "include" and not wanted:
                return False
        return True

    def _arguments(self, nodes: Any) -> Object:
        return {
            node.name.value: value_from_ast_untyped(node.value, self.variables)
            for node in nodes or ()
        }


INTERFACES = {
    "Node": {"Product", "Order", "ProductVariant", "InventoryItem", "Location", "Metafield"},
    "Publishable": {"Product"},
    "HasMetafields": {"Product", "ProductVariant", "Order"},
    "Media": {"MediaImage"},
    "File": {"MediaImage"},
    "LegacyInteroperability": {"Product", "ProductVariant", "Order", "InventoryItem"},
    "DisplayableError": {"UserError"},
}


def _applies(condition: str, typename: str) -> bool:
    if typename == "QueryRoot":
        return True
    return condition == typename or typename in INTERFACES.get(condition, ())


@lru_cache(maxsize=512)
def _parsed(text: str) -> DocumentNode:
    return parse(text)


def read(query: str, variables: Object, operation_name: str | None) -> Request:
    """Parse a request; raises GraphQLError for what cannot be run."""
    try:
        document = _parsed(query)
    except GraphQLSyntaxError as error:
        raise GraphQLError(f"syntax error: {error.message}", "parseError", []) from error
    operations = [
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        and (operation_name is None or (node.name and node.name.value == operation_name))
    ]
    if len(operations) != 1:
        raise GraphQLError("An operation name is required", "BAD_REQUEST", [])
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    return Request(operations[0], fragments, _with_defaults(operations[0], variables))


def _with_defaults(operation: OperationDefinitionNode, given: Object) -> Object:
    variables = dict(given)
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        if name not in variables and definition.default_value is not None:
            variables[name] = value_from_ast_untyped(definition.default_value)
    return variables
