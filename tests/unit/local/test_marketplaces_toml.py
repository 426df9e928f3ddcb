"""Reading `marketplaces.toml`: secrets from elsewhere, every problem at once."""

from pathlib import Path

import pytest

from brocante.marketplaces import load_marketplaces
from brocante.settings import BadConfiguration

ENTRY = """
[ebay]
adapter = "ebay"
base_url = "https://ebay.invalid"
[[ebay.accounts]]
credentials = { a = "text", b = { file = "FILE" }, c = { variable = "EBAY_SECRET" } }
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "marketplaces.toml"
    path.write_text(text)
    return path


def test_a_secret_is_text_or_in_a_file_or_in_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("EBAY_SECRET", "from the variable")
    path = write(tmp_path, ENTRY.replace("FILE", str(tmp_path / "secret")))
    (account,) = load_marketplaces(path)["ebay"].accounts
    secrets = {name: secret.get_secret_value() for name, secret in account.credentials.items()}
    assert secrets == {"a": "text", "b": "from the file", "c": "from the variable"}
    assert "from the file" not in repr(account)


def test_all_problems_are_named_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EBAY_SECRET", raising=False)
    text = ENTRY.replace("https", "gopher") + "[Bad]\n[etsy]\nadapter = 'etsy'\n"
    with pytest.raises(BadConfiguration) as refused:
        load_marketplaces(write(tmp_path, text))
    lines = str(refused.value).splitlines()
    for part in (
        "ebay.base_url",
        "accounts.0.credentials.b",
        "EBAY_SECRET",
        "Bad",
        "etsy.base_url",
    ):
        assert any(part in line for line in lines), part


@pytest.mark.parametrize("text", [None, "[unfinished"], ids=["missing", "not TOML"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "none.toml" if text is None else write(tmp_path, text)
    with pytest.raises(BadConfiguration, match=path.name):
        load_marketplaces(path)
