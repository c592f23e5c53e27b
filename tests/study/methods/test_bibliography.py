import re
import shutil
import subprocess

import pytest
from pybtex.database import parse_string

from biomarker import references
from biomarker.references import Reference
from biomarker.study.methods.bibliography import bibtex, entry_of, key_of

EVERY = {name: value for name, value in vars(references).items() if isinstance(value, Reference)}
NEEDED = {
    "article": {"author", "title", "journal", "year", "volume"},
    "book": {"author", "title", "address", "publisher", "year"},
    "incollection": {"author", "title", "editor", "booktitle", "address", "publisher", "year", "pages"},
}


@pytest.mark.parametrize("name", EVERY)
def test_every_reference_is_a_whole_entry(name):
    entry = entry_of(EVERY[name])
    assert entry.key == name.lower()
    assert set(entry.fields) >= NEEDED[entry.type]
    assert entry.type != "article" or {"pages", "number"} & set(entry.fields)
    assert re.fullmatch(r"1[89]\d\d|20[0-3]\d", entry.fields["year"])
    assert entry.fields["year"] in name or name.startswith("ICRP")


def test_no_two_references_share_a_doi_or_a_text():
    dois = [one.doi for one in EVERY.values() if one.doi]
    texts = [one.text for one in EVERY.values()]
    assert len(dois) == len({doi.lower() for doi in dois})
    assert len(texts) == len(set(texts))


def test_the_whole_file_is_read_by_another_program():
    library = parse_string(bibtex(EVERY.values()), "bibtex")
    assert set(library.entries) == {name.lower() for name in EVERY}
    bland = library.entries["bland_altman_1996_error"]
    assert [str(person) for person in bland.persons["author"]] == ["Bland, J. M.", "Altman, D. G."]
    assert bland.fields["pages"] == "744"
    assert str(library.entries["icrp_103"].persons["author"][0]) == "{ICRP}"


@pytest.mark.skipif(shutil.which("bibtex") is None, reason="needs BibTeX")
@pytest.mark.parametrize("style", ["plain", "abbrv", "apalike"])
def test_bibtex_itself_takes_it_without_a_warning(tmp_path, style):
    (tmp_path / "references.bib").write_text(bibtex(EVERY.values()), encoding="ascii")
    (tmp_path / "paper.aux").write_text(f"\\citation{{*}}\n\\bibstyle{{{style}}}\n\\bibdata{{references}}\n")
    done = subprocess.run(["bibtex", "paper"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "Warning" not in done.stdout
    assert (tmp_path / "paper.bbl").read_text().count("\\bibitem") == len(EVERY)


def test_letters_and_signs_become_commands_of_tex():
    one = Reference(
        'Børty L, Núñez-Ørsted ÅB, Čapek K, et al. What "5% & more" of {A}_b means? J Test 2001;3(2):e1-e9.',
        "10.1000/a_b%c",
    )
    fields = entry_of(one).fields
    assert (
        fields["author"] == r"B{\o}rty, L. and N{\'{u}}{\~{n}}ez-{\O}rsted, {\r{A}}. B. and {\v{C}}apek, K. and others"
    )
    assert fields["title"] == r"{What ``5\% \& more'' of \{A\}\_b means?}"
    assert fields["number"] == "2"
    assert fields["pages"] == "e1--e9"
    assert fields["doi"] == "10.1000/a_b%c"
    assert key_of(one) == "brty_2001"


def test_a_reference_cited_twice_has_one_entry():
    assert bibtex([references.YOUDEN_1950, references.YOUDEN_1950]).count("@article") == 1
    assert bibtex([]) == ""


@pytest.mark.parametrize("text", ["", "Somebody. Something.", "Doe J. Title. Journal, 1990."])
def test_another_shape_is_refused(text):
    with pytest.raises(ValueError, match="not a paper, a chapter or a book"):
        entry_of(Reference(text))


def test_what_is_no_doi_is_refused():
    with pytest.raises(ValueError, match="no DOI: 'https"):
        entry_of(Reference(references.YOUDEN_1950.text, "https://doi.org/10.1/x"))
