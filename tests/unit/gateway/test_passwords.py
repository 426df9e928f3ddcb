"""Signing in by password: kept hashed, every wrong answer alike, guessing slowed down."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from brocante.testing.memory_database import MemoryDatabase
from gateway.records.passwords import (
    FREE_TRIES,
    LONGEST_WAIT,
    PEOPLE,
    Passwords,
    TooManyTries,
    signs_in_as,
    wait_after,
)

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
RIGHT = "a chair by the window"
LIGHT = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
async def passwords() -> Passwords:
    made = Passwords(MemoryDatabase(), LIGHT)
    await made.prepare()
    await made.set("main", "owner", RIGHT)
    return made


async def test_the_right_password_opens_and_the_name_is_not_case_sensitive(
    passwords: Passwords,
) -> None:
    person = await passwords.check(" Owner ", RIGHT, HERE)
    assert person is not None
    assert (person.dealer, person.name) == ("main", "owner")


async def test_a_wrong_password_and_an_unknown_name_answer_alike(passwords: Passwords) -> None:
    assert await passwords.check("owner", "wrong", HERE) is None
    assert await passwords.check("nobody", RIGHT, HERE) is None


async def test_a_password_is_kept_as_an_argon2_hash_only() -> None:
    database = MemoryDatabase()
    await Passwords(database, LIGHT).set("main", "owner", RIGHT)
    stored = str(database.stored[PEOPLE])
    assert "$argon2id$" in stored
    assert RIGHT not in stored


async def test_after_some_wrong_tries_even_the_right_one_has_to_wait(passwords: Passwords) -> None:
    for _ in range(FREE_TRIES):
        await passwords.check("owner", "wrong", HERE)
    with pytest.raises(TooManyTries) as caught:
        await passwords.check("owner", RIGHT, ELSEWHERE)
    assert caught.value.seconds > 0


async def test_one_address_trying_many_names_is_slowed_down(passwords: Passwords) -> None:
    for n in range(FREE_TRIES):
        await passwords.check(f"name-{n}", "wrong", HERE)
    with pytest.raises(TooManyTries):
        await passwords.check("another", "wrong", HERE)
    assert await passwords.check("owner", RIGHT, ELSEWHERE) is not None


async def test_signing_in_forgets_the_wrong_tries_of_that_name(passwords: Passwords) -> None:
    for _ in range(FREE_TRIES - 1):
        await passwords.check("owner", "wrong", HERE)
    assert await passwords.check("owner", RIGHT, HERE) is not None
    assert await passwords.check("owner", "wrong", ELSEWHERE) is None
    assert await passwords.check("owner", RIGHT, ELSEWHERE) is not None


async def test_people_of_two_dealers_may_have_the_same_name(passwords: Passwords) -> None:
    await passwords.set("other", "owner", "another window entirely")
    assert await passwords.check("owner", RIGHT, HERE) is not None
    person = await passwords.check("other/owner", "another window entirely", HERE)
    assert person is not None
    assert person.dealer == "other"


def test_waiting_doubles_and_has_an_end() -> None:
    assert wait_after(FREE_TRIES - 1) == timedelta(0)
    assert wait_after(FREE_TRIES + 1) == 2 * wait_after(FREE_TRIES)
    assert wait_after(1000) == LONGEST_WAIT


def test_the_first_dealer_needs_no_dealer_in_the_name() -> None:
    assert signs_in_as("main", "owner") == "owner"
    assert signs_in_as("other", "owner") == "other/owner"
