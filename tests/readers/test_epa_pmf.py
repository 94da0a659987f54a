import os
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from numpy.testing import assert_allclose

from cerussite.core.errors import UnreadableFileError
from cerussite.readers.epa_pmf import (
    read_pmf_contributions,
    read_pmf_files,
    read_pmf_profiles,
    read_pmf_workbook,
)


def save(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


CONC = [
    ["Site", "Date", "Pb", "Zn"],
    ["A", "2004-05-22", 1.5, -999],
    ["B", "2004-05-23", 3, 4],
]
UNC = [
    ["Site", "Date", "Pb", "Zn"],
    ["A", "2004-05-22", 0.5, -999],
    ["B", "2004-05-23", 1, 2],
]
RESULT = {
    "Profiles": [
        ["Base run 3 of 20"],
        ["Factor Profiles (conc. of species) from Base Run #3"],
        [],
        ["", "Species", "Smelter", "Sea salt"],
        ["", "Ni", 12.5, 0.25],
        ["", "Na", 0, 80],
        [],
        ["Factor Profiles (% of species sum) from Base Run #3"],
        ["", "Species", "Smelter", "Sea salt"],
        ["", "Ni", 98, 2],
    ],
    "Contributions": [
        ["Factor Contributions (avg = 1) from Base Run #3"],
        ["", "Date", "Smelter", "Sea salt"],
        ["", "05/22/04", 1.5, 0.5],
        ["", "05/23/04", 0.5, -999],
        ["Factor Contributions (conc. units) from Base Run #3"],
        ["", "Date", "Smelter", "Sea salt"],
        ["", "05/22/04", 15, 40],
    ],
}


def test_two_sheets_are_read_and_their_code_for_missing_is_known(tmp_path):
    path = save(tmp_path / "in.xlsx", {"Conc": CONC, "Unc": UNC, "Notes": [["x"]]})
    found = read_pmf_workbook(path, id_columns=["Site", "Date"])
    assert found.species == ("Pb", "Zn")
    assert found.sample_ids == ("A 2004-05-22", "B 2004-05-23")
    assert_allclose(found.concentrations, [[1.5, np.nan], [3, 4]])
    assert_allclose(found.uncertainties, [[0.5, np.nan], [1, 2]])


def test_the_first_blocks_of_a_result_are_read(tmp_path):
    path = save(tmp_path / "site_base.xlsx", RESULT)
    profiles = read_pmf_profiles(path)
    assert list(profiles.columns) == ["Smelter", "Sea salt"]
    assert_allclose(profiles.loc["Na"], [0, 80])
    assert len(profiles) == 2
    contributions = read_pmf_contributions(path)
    assert_allclose(contributions, [[1.5, 0.5], [0.5, np.nan]])


@pytest.mark.parametrize(
    ("sheets", "message"),
    [
        ({"Conc": CONC, "Unc": [["Site", "Date", "Pb"], *UNC[1:]]}, r"differ \(Zn\)"),
        ({"Conc": CONC, "Unc": [UNC[0], UNC[2], UNC[1]]}, "in their order"),
        ({"Conc": [["Pb"], [1]], "Unc": [["Pb"], [1]]}, "no column Site, Date"),
        (
            {"Conc": [CONC[0], ["A", "B", "high", 1]], "Unc": UNC},
            "Pb in row 2 is 'high'",
        ),
    ],
)
def test_tables_that_do_not_match_are_refused(tmp_path, sheets, message):
    path = save(tmp_path / "in.xlsx", sheets)
    with pytest.raises(UnreadableFileError, match=message):
        read_pmf_workbook(path, id_columns=["Site", "Date"])


def test_other_workbooks_are_no_results(tmp_path):
    path = save(
        tmp_path / "x.xlsx", {"Profiles": [["a", "b"]], "Contributions": [["a"]]}
    )
    with pytest.raises(UnreadableFileError, match="no 'factor profiles' in column A"):
        read_pmf_profiles(path)
    empty = {"Profiles": [["Factor Profiles"], ["", "Species"]]}
    path = save(tmp_path / "y.xlsx", empty)
    with pytest.raises(UnreadableFileError, match="0 factors and 0 rows"):
        read_pmf_profiles(path)


def test_sample_data_of_the_program_are_read():
    folder = os.environ.get("CERUSSITE_DATA")
    if folder is None:
        pytest.skip("CERUSSITE_DATA is not set")
    base = Path(folder) / "geochem" / "pmf_esat"
    found = read_pmf_files(
        base / "Dataset-Baltimore_con.txt",
        base / "Dataset-Baltimore_unc.txt",
        id_columns=["Date"],
    )
    assert found.concentrations.shape[1] == 26
    complete = ~np.isnan(found.concentrations).any(axis=1)
    assert complete.sum() == 630
    assert (found.uncertainties[complete] > 0).all()
