"""eBay's error envelope and the errors the sandbox gives.

Numbers and texts follow the error tables of the Inventory API (OAS 1.18.4) and observed answers.
"""

from sandbox.market.calls import Answer, Json
from sandbox.market.requirements import Problem

NAMES = {
    "title": "Title",
    "description": "Description",
    "condition": "Condition",
    "price": "Price",
    "images": "Pictures",
    "category": "Category",
}
INVALID = "The eBay listing associated with the inventory item, or the unpublished offer has"
Error = dict[str, Json]


class Refused(Exception):  # noqa: N818 - it carries a refusal, not a failure of ours
    """A call is refused with these errors."""

    def __init__(self, status: int, errors: list[Error]) -> None:
        super().__init__(errors[0]["message"])
        self.answer = Answer(status, {"errors": errors})


def error(number: int, message: str, *parameters: tuple[str, str]) -> Error:
    """One error of the Inventory API."""
    entry: Error = {
        "errorId": number,
        "domain": "API_INVENTORY",
        "subdomain": "Selling",
        "category": "REQUEST",
        "message": message,
    }
    if parameters:
        entry["parameters"] = [{"name": name, "value": value} for name, value in parameters]
    return entry


def refused(number: int, message: str, *parameters: tuple[str, str], status: int = 400) -> Refused:
    """One error as an exception."""
    return Refused(status, [error(number, message, *parameters)])


def user_error(name: str, short: str, long: str) -> Error:
    """25002 as it comes for item specifics: the texts and the name in numbered parameters."""
    return error(
        25002, f"A user error has occurred. {long}", ("0", short), ("1", long), ("2", name)
    )


def of_problem(problem: Problem) -> Error:
    """A broken requirement in eBay's words."""
    name = problem.name if problem.attribute else NAMES.get(problem.name, problem.name)
    if problem.attribute and problem.fault == "missing":
        short = f"The item specific {name} is missing."
        long = f"{short} Add {name} to this listing, enter a valid value, and then try again."
        return user_error(name, short, long)
    if problem.fault == "missing":
        return error(25029, f"{name} is required for this category.", ("0", name))
    what = f"The item specific {name}" if problem.attribute else f"The {name}"
    short = f"{what} {problem.text}."
    return user_error(name, short, f"{short} Enter a valid value, and then try again.")


def access(status: int, number: int, domain: str, message: str, detail: str) -> Answer:
    """An error of the gateway in front of every eBay API."""
    entry = {
        "errorId": number,
        "domain": domain,
        "category": "REQUEST",
        "message": message,
        "longMessage": detail,
    }
    return Answer(status, {"errors": [entry]})
