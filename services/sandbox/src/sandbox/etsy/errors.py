"""Etsy's errors: one string in `error`, which callers have to take apart."""

from sandbox.market.calls import Answer
from sandbox.market.requirements import Problem


class Refused(ValueError):  # noqa: N818 - it carries a refusal, not a failure of ours
    """A call is refused with one string."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.answer = Answer(status, {"error": text})


def wrong(field: str, what: str) -> str:
    """`There was a problem with /quantity : cannot be greater than 999`."""
    return f"There was a problem with {field} : {what}"


def of_problem(problem: Problem) -> str:
    """A broken requirement in Etsy's words."""
    field = f"/properties/{problem.name}" if problem.attribute else problem.field
    return wrong(field, problem.text)


def missing(name: str) -> Refused:
    """A required parameter is not there."""
    return Refused(400, f"Missing input parameter: [{name}]")


def unknown_listing(listing_id: str) -> Refused:
    """No such listing in this shop."""
    return Refused(404, f"Could not find a Listing with listing_id = {listing_id}.")
