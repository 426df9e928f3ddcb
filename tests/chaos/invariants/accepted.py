"""I1: what was accepted was applied, superseded, rejected or dead-lettered; nothing was lost."""

from tests.chaos.evidence import Evidence

ANSWERED = frozenset(("done", "rejected"))


def accepted_is_applied(evidence: Evidence) -> list[str]:
    """Commands are answered, orders and hand-told sales are sales, cancellations are canceled."""
    return [*_commands(evidence), *_sales(evidence), *_orders(evidence)]


def _commands(evidence: Evidence) -> list[str]:
    lost = []
    for id_, accepted in evidence.accepted.items():
        answered = id_ in evidence.answers or evidence.commands.get(id_) in ANSWERED
        # What an app wrote to a broker that keeps nothing is the app's to repeat: it did, until
        # the end, so even then it must be answered.
        if not answered:
            lost.append(
                f"{accepted.type} {id_} of {accepted.piece}, accepted by {accepted.how},"
                f" was never answered"
            )
    return lost


def _sales(evidence: Evidence) -> list[str]:
    lost = []
    for sale in evidence.sales.values():
        shown = evidence.sales_shown.get(sale.sale_id)
        if shown is None:
            lost.append(f"sale {sale.sale_id} of {sale.piece} on {sale.place} is lost")
            continue
        wanted = "open" if sale.canceled_at is None else "canceled"
        if shown["status"] != wanted:
            lost.append(
                f"sale {sale.sale_id} of {sale.piece} on {sale.place} is {shown['status']},"
                f" it should be {wanted}"
            )
    return lost


def _orders(evidence: Evidence) -> list[str]:
    """Orders by the sandbox's own ledger, whatever the rig believes."""
    lost = []
    for order in evidence.ledger.get("orders", ()):
        shown = evidence.sales_shown.get(order["sale_id"])
        if shown is None:
            lost.append(f"order {order['order_id']} on {order['marketplace']} is no sale")
        elif order["canceled_at"] and shown["status"] != "canceled":
            lost.append(f"canceled order {order['order_id']} on {order['marketplace']} is open")
    return lost
