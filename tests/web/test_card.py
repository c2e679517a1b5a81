"""What the page shows of the model's description."""

from __future__ import annotations

from pathlib import Path

from affect.web import card


def test_no_description(tmp_path: Path) -> None:
    assert card.text(tmp_path) is None


def test_the_description_is_rendered_and_markup_in_it_is_text(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "# The model\n\n## Limits\n\n| a | b |\n|---|---|\n| 1 | <b>2</b> |\n"
    )
    text = card.text(tmp_path)
    assert text is not None
    # The page has a heading above these.
    assert "<h2>The model</h2>" in text
    assert "<h3>Limits</h3>" in text
    assert text.count("tabindex") == text.count("</table></div>") == 1
    assert "<td>&lt;b&gt;2&lt;/b&gt;</td>" in text


def test_a_percent_sign_stays_with_its_number_but_not_in_code(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("It is right in 92.5 %, says `a > b %`.\n")
    text = card.text(tmp_path)
    assert text is not None
    assert "92.5\N{NO-BREAK SPACE}%" in text
    assert "a &gt; b %" in text


def test_figures_of_one_cell_stay_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("| a | b |\n|---|---|\n| 1.3 %, 1.4 % | right, 2 % |\n")
    text = card.text(tmp_path)
    assert text is not None
    space = "\N{NO-BREAK SPACE}"
    assert f"<td>1.3{space}%,{space}1.4{space}%</td><td>right, 2{space}%</td>" in text.replace(
        "\n", ""
    )
