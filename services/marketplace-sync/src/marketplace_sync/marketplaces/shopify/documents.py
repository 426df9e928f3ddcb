"""The GraphQL documents we send; each is valid against the Admin schema 2026-04."""

PRODUCT = """
fragment Shown on Product {
  id legacyResourceId title status handle onlineStoreUrl
  publishedAt
  variants(first: 1) { nodes { id sku inventoryQuantity inventoryItem { id } } }
}
"""

SET = (
    """
mutation Set($identifier: ProductSetIdentifiers, $input: ProductSetInput!, $location: ID!) {
  productSet(synchronous: true, identifier: $identifier, input: $input) {
    product {
      ...Shown
      stocked: variants(first: 1) {
        nodes {
          inventoryItem {
            id
            inventoryLevel(locationId: $location) {
              quantities(names: ["available"]) { quantity }
            }
          }
        }
      }
    }
    userErrors { field message code }
  }
}
"""
    + PRODUCT
)

UPDATE = (
    """
mutation Update($product: ProductUpdateInput!) {
  productUpdate(product: $product) {
    product { ...Shown }
    userErrors { field message }
  }
}
"""
    + PRODUCT
)

PUBLISH = """
mutation Publish($id: ID!, $input: [PublicationInput!]!) {
  publishablePublish(id: $id, input: $input) { userErrors { field message } }
}
"""

SET_QUANTITY = """
mutation SetQuantity($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    userErrors { field message code }
  }
}
"""

READ = "query Read($id: ID!) { product(id: $id) { ...Shown } }" + PRODUCT

FIND = (
    """
query Find($query: String!, $after: String) {
  productVariants(first: 50, after: $after, query: $query) {
    nodes { sku product { ...Shown } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
    + PRODUCT
)

SWEEP = (
    """
query Sweep($after: String) {
  products(first: 50, after: $after) {
    nodes { ...Shown }
    pageInfo { hasNextPage endCursor }
  }
}
"""
    + PRODUCT
)

ORDER_FIELDS = """
fragment Sold on Order {
  id legacyResourceId createdAt updatedAt cancelledAt cancelReason
  lineItems(first: 100) {
    nodes {
      id sku quantity currentQuantity
      product { legacyResourceId }
      originalUnitPriceSet { shopMoney { amount currencyCode } }
    }
  }
}
"""

ORDER = "query Order($id: ID!) { order(id: $id) { ...Sold } }" + ORDER_FIELDS

ORDERS = (
    """
query Orders($query: String!, $after: String) {
  orders(first: 25, after: $after, sortKey: UPDATED_AT, query: $query) {
    nodes { ...Sold }
    pageInfo { hasNextPage endCursor }
  }
}
"""
    + ORDER_FIELDS
)

DEFINITIONS = """
query Definitions {
  metafieldDefinitions(ownerType: PRODUCT, first: 250) {
    nodes { name namespace key description type { name } validations { name type value } }
  }
}
"""

ALL = (SET, UPDATE, PUBLISH, SET_QUANTITY, READ, FIND, SWEEP, ORDER, ORDERS, DEFINITIONS)
