"""What the page shows of the model's description."""

from __future__ import annotations

from pathlib import Path

from affect.web import card


def test_no_description(tmp_path: Path) -> None:
    assert card.sections(tmp_path) == {}


def test_the_description_is_rendered_and_markup_in_it_is_text(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "# The model\n\n## Limits\n\n| a | b |\n|---|---|\n| 1 | <b>2</b> |\n"
    )
    ((title, text),) = card.sections(tmp_path).items()
    assert title == "Limits"
    assert "<h2>Limits</h2>" in text
    assert text.count("tabindex") == text.count("</table></div>") == 1
    assert "<td>&lt;b&gt;2&lt;/b&gt;</td>" in text


def test_sections_end_where_the_next_begins(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Title\n\n## One\na\n### Small\nb\n\n## Two\nc\n")
    assert {title: "".join(text.split()) for title, text in card.sections(tmp_path).items()} == {
        "One": "<h2>One</h2><p>a</p><h3>Small</h3><p>b</p>",
        "Two": "<h2>Two</h2><p>c</p>",
    }


def test_a_percent_sign_stays_with_its_number_but_not_in_code(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("## Rates\nIt is right in 92.5 %, says `a > b %`.\n")
    text = card.sections(tmp_path)["Rates"]
    assert "92.5\N{NO-BREAK SPACE}%" in text
    assert "a &gt; b %" in text


def test_figures_of_one_cell_stay_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "## Rates\n| a | b |\n|---|---|\n| 1.3 %, 1.4 % | right, 2 % |\n"
    )
    text = card.sections(tmp_path)["Rates"]
    space = "\N{NO-BREAK SPACE}"
    assert f"<td>1.3{space}%,{space}1.4{space}%</td><td>right, 2{space}%</td>" in text.replace(
        "\n", ""
    )
