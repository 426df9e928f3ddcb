"""From a call to a GraphQL request, what it costs, and running its root fields."""

from graphql import FieldNode

from sandbox.market.calls import Call
from sandbox.shopify.graphql import GraphQLError, Object, Request, Resolver, Root, read

MUTATION_COST = 10


def request_of(call: Call) -> Request:
    """The GraphQL request in a call; raises GraphQLError or BadBody."""
    body = call.object()
    query = body.get("query")
    if not isinstance(query, str):
        raise GraphQLError("Query is missing", "BAD_REQUEST", [])
    return read(query, body.get("variables") or {}, body.get("operationName"))


def cost_of(request: Request, root: Root) -> int:
    """Points of one root field: mutations 10, connections by their size, anything else 1."""
    if request.mutation:
        return MUTATION_COST
    size = root.arguments.get("first") or root.arguments.get("last")
    return 1 if size is None else 2 + int(size) // 5


def run(
    request: Request, roots: list[tuple[str, FieldNode, Root]], resolvers: dict[str, Resolver]
) -> tuple[Object, list[Object]]:
    """Data and errors; a root field that fails is null and the others go on."""
    kind = "mutation" if request.mutation else "query"
    data: Object = {}
    errors = []
    for key, node, root in roots:
        try:
            resolver = _resolver(resolvers, root, kind)
            data[key] = request.select(resolver(root), node, [kind, key])
        except GraphQLError as error:
            errors.append(error.entry)
            data[key] = None
        except KeyError as missing:
            errors.append(_missing_argument(root, kind, missing).entry)
            data[key] = None
    return data, errors


def _resolver(resolvers: dict[str, Resolver], root: Root, kind: str) -> Resolver:
    resolver = resolvers.get(root.name)
    if resolver is None:
        typename = "Mutation" if kind == "mutation" else "QueryRoot"
        raise GraphQLError(
            f"Field '{root.name}' doesn't exist on type '{typename}'",
            "undefinedField",
            [kind, root.name],
            typeName=typename,
            fieldName=root.name,
        )
    return resolver


def _missing_argument(root: Root, kind: str, missing: KeyError) -> GraphQLError:
    name = missing.args[0]
    return GraphQLError(
        f"Field '{root.name}' is missing required arguments: {name}",
        "missingRequiredArguments",
        [kind, root.name],
        arguments=str(name),
    )
