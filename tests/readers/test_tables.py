import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from cerussite.core.errors import (
    InvalidConcentrationError,
    InvalidSpectraError,
    InvalidSurveyError,
    UnreadableFileError,
)
from cerussite.readers.tables import read_table

MG = {"Pb": {"unit": "mg/kg", "procedure": "xrf"}}


@pytest.fixture
def write(tmp_path):
    def write(text, name="lab.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def read(path, **options):
    options = {"quantity": "reflectance", "sample_id": "id", "responses": MG} | options
    return read_table(path, **options)


PLAIN = "id,Pb,400nm,410nm\nA,12.5,0.21,0.23\nB,20,0.31,0.34\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (PLAIN, "utf-8"),
        (PLAIN, "utf-8-sig"),
        (PLAIN, "utf-16"),
        ("sep=,\n" + PLAIN, "utf-8"),
        ('"sep=,"\r\n' + PLAIN, "utf-8-sig"),
        (PLAIN.replace(",", "\t"), "utf-8"),
        (PLAIN.replace(",", ";").replace(".", ","), "utf-8"),
        (PLAIN.replace(",", "\t").replace(".", ","), "latin-1"),
        ("sep=;\n" + PLAIN.replace(",", ";"), "utf-8"),
        ("\n\n" + PLAIN.replace("\nB", "\n,,,\n\nB"), "utf-8"),
        (PLAIN.replace("\n", ",,\n"), "utf-8"),
        (PLAIN.replace("\n", "\r\n"), "utf-8"),
        (
            'id,Pb,400nm,410nm\n"A","12,5","0,21","0,23"\n"B",20,"0,31","0,34"\n',
            "utf-8",
        ),
    ],
)
def test_every_way_to_write_a_table_reads_the_same(write, text, encoding):
    survey = read(write(text, encoding=encoding))
    assert survey.samples.index.tolist() == ["A", "B"]
    assert survey.y.tolist() == [[12.5], [20]]
    assert_allclose(survey.spectra.values, [[0.21, 0.23], [0.31, 0.34]], rtol=0)
    assert survey.responses[0].procedure == "xrf"
    assert survey.is_censored is None


def test_latin_1_is_read_and_said(write):
    text = "id,Fundstätte,Pb,400nm,410nm\nA,Söse,1,0.1,0.2\n"
    survey = read(write(text, encoding="latin-1"))
    assert survey.samples.loc["A", "Fundstätte"] == "Söse"
    assert "text is not UTF-8: read as Latin-1" in survey.notes


def test_compressed_tables_are_read(tmp_path):
    path = tmp_path / "lab.csv.gz"
    pd.DataFrame({"id": ["A"], "Pb": [1.5], "400nm": [0.1], "410nm": [0.2]}).to_csv(
        path, index=False
    )
    assert read(path).y.tolist() == [[1.5]]


def test_workbooks_and_parquet_read_as_csv_does(tmp_path):
    frame = pd.DataFrame(
        {
            "id": ["A", "B"],
            "Pb": [12.5, None],
            "410nm": [0.23, 0.34],
            "400nm": [0.21, 0.31],
        }
    )
    frame.to_excel(tmp_path / "lab.xlsx", index=False)
    frame.to_parquet(tmp_path / "lab.parquet")
    for name in ("lab.xlsx", "lab.parquet"):
        survey = read(tmp_path / name)
        assert_allclose(survey.y, [[12.5], [np.nan]])
        assert_allclose(survey.spectra.values, [[0.21, 0.23], [0.31, 0.34]])
        assert any("turned around" in note for note in survey.notes)


def test_a_workbook_with_two_sheets_needs_a_name(tmp_path):
    book = openpyxl.Workbook()
    for title in ("soil", "water"):
        sheet = book.create_sheet(title)
        sheet.append(["id", "Pb", "400nm", "410nm"])
        sheet.append(["A", 5, 0.1, 0.2])
    path = tmp_path / "lab.xlsx"
    book.save(path)
    with pytest.raises(
        UnreadableFileError, match=r"2 sheets with content \(soil, water\)"
    ):
        read(path)
    with pytest.raises(UnreadableFileError, match="no sheet 'air'"):
        read(path, sheet="air")
    assert read(path, sheet="water").n_samples == 1


def test_a_limit_typed_with_a_comma_stands_beside_number_cells(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "Pb", "400nm", "410nm"])
    book.active.append(["A", "<49,5", 0.1, 0.2])
    book.active.append(["B", 61.5, 0.1, 0.2])
    book.save(tmp_path / "lab.xlsx")
    survey = read(tmp_path / "lab.xlsx")
    assert_allclose(survey.y, [[49.5], [61.5]])
    assert survey.is_censored.tolist() == [[True], [False]]


def test_a_limit_that_may_have_thousands_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "Pb", "400nm", "410nm"])
    book.active.append(["A", "<1,234", 0.1, 0.2])
    book.save(tmp_path / "lab.xlsx")
    with pytest.raises(UnreadableFileError, match="<1,234"):
        read(tmp_path / "lab.xlsx")


def test_a_band_is_no_response(tmp_path):
    (tmp_path / "lab.csv").write_text("id,400nm,410nm\nA,0.1,0.2\n")
    with pytest.raises(UnreadableFileError, match="column '400nm' is a band"):
        read_table(
            tmp_path / "lab.csv",
            quantity="reflectance",
            sample_id="id",
            responses={"Pb": {"column": "400nm", "unit": "mg/kg"}},
        )


def test_formulas_that_were_never_computed_are_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "Pb", "400nm", "410nm"])
    book.active.append(["A", "=2*3", 0.1, 0.2])
    path = tmp_path / "lab.xlsx"
    book.save(path)
    with pytest.raises(UnreadableFileError, match="formulas without stored results"):
        read(path)


def test_formulas_that_give_an_empty_text_are_not_measured(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["id", "Pb", "400nm", "410nm"])
    book.active.append(["A", '=IF(1=1,"",2)', 0.1, 0.2])
    book.save(tmp_path / "raw.xlsx")
    # As spreadsheet programs store a formula whose result is an empty text.
    with (
        zipfile.ZipFile(tmp_path / "raw.xlsx") as raw,
        zipfile.ZipFile(tmp_path / "lab.xlsx", "w") as computed,
    ):
        for name in raw.namelist():
            content = raw.read(name).replace(b'r="B2"', b'r="B2" t="str"')
            computed.writestr(name, content)
    assert np.isnan(read(tmp_path / "lab.xlsx").y).all()


def test_text_in_a_workbook_is_refused_with_its_row(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["id", "Pb", "400nm", "410nm"],
        [],
        ["A", 5, 0.1, 0.2],
        ["B", "#DIV/0!", 0.1, 0.2],
    ):
        book.active.append(row)
    book.save(tmp_path / "lab.xlsx")
    with pytest.raises(
        UnreadableFileError, match=r"row 4, column 'Pb': found '#DIV/0!'"
    ):
        read(tmp_path / "lab.xlsx")


def test_a_row_of_units_gives_the_units(write):
    text = "id;Pb;clay;pH;400;410\n;%;%;-;nm;nm\nA;0,01;25;6,5;0,1;0,2\n"
    survey = read(
        write(text), responses={"Pb": {}, "clay": None, "pH": {}}, axis_unit="nm"
    )
    assert [response.unit for response in survey.responses] == ["mg/kg", "g/kg", "1"]
    assert_allclose(survey.y, [[100, 250, 6.5]])
    assert survey.n_samples == 1
    assert any("unit % taken from the row of units" in note for note in survey.notes)


def test_a_row_of_units_against_the_axis_is_refused(write):
    text = "id;Pb;4000;4010\n;%;cm-1;cm-1\nA;0,01;0,1;0,2\n"
    with pytest.raises(UnreadableFileError, match="bands in nm, but the row of units"):
        read(write(text.replace("40", "4")), responses={"Pb": {}}, axis_unit="nm")


def test_a_sample_is_not_swallowed_as_a_row_of_units(write):
    with pytest.raises(UnreadableFileError, match="line 2, column 'Pb': found 'abc'"):
        read(write("id,Pb\nA,abc\nB,5\n"), spectra=False, quantity=None)
    text = "id,Pb,Zn\nA,%,5\n"
    with pytest.raises(UnreadableFileError, match="line 2, column 'Pb': found '%'"):
        read(write(text), spectra=False, quantity=None, responses=BOTH)
    survey = read(write("id,Pb\nA,n.d.\nB,5\n"), spectra=False, quantity=None)
    assert survey.n_samples == 2


def test_brackets_in_the_header_give_the_unit(write):
    text = "id,Pb [ppm],400nm,410nm\nA,7,0.1,0.2\n"
    survey = read(write(text), responses={"Pb": {"column": "Pb [ppm]"}})
    assert survey.y.tolist() == [[7]]
    with pytest.raises(
        InvalidConcentrationError,
        match="Pb in % according to the caller, but the header says 'ppm'",
    ):
        read(write(text), responses={"Pb": {"column": "Pb [ppm]", "unit": "%"}})


def test_a_unit_against_the_row_of_units_is_refused(write):
    text = "id,Pb,400nm,410nm\n,%,,\nA,1,0.1,0.2\n"
    with pytest.raises(
        InvalidConcentrationError, match=r"Pb in mg/kg .* row of units says '%'"
    ):
        read(write(text))


def test_ppm_and_mg_kg_do_not_contradict_each_other(write):
    text = "id,Pb,400nm,410nm\n,ppm,,\nA,1,0.1,0.2\n"
    assert read(write(text)).y.tolist() == [[1]]


def test_no_unit_anywhere_is_refused(write):
    with pytest.raises(InvalidConcentrationError, match="response Pb has no unit"):
        read(write(PLAIN), responses={"Pb": {}})


def test_limits_missing_values_and_conversion(write):
    text = (
        "id,Cd,Hg,400nm,410nm\nA,< 0.2,12,0.1,0.2\nB,n.d.,<LOD,0.1,0.2\nC,,30,0.1,0.2\n"
    )
    responses = {"Cd": {"unit": "mg/kg"}, "Hg": {"unit": "ug/kg", "limit": 5}}
    survey = read(write(text), responses=responses)
    # ug/kg are a thousandth of mg/kg
    assert_allclose(survey.y, [[0.2, 0.012], [np.nan, 0.005], [np.nan, 0.03]])
    assert survey.is_censored.tolist() == [[True, False], [False, True], [False, False]]
    assert any("1 cells 'n.d.' read as not measured" in note for note in survey.notes)


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        (
            "20,",
            "abc,",
            UnreadableFileError,
            r"lab.csv, line 3, column 'Pb': found 'abc'; expected a number",
        ),
        (
            "20,",
            "<LOD,",
            UnreadableFileError,
            r"line 3, column 'Pb'.*give the detection limit",
        ),
        (
            "20,",
            "-4,",
            InvalidConcentrationError,
            r"line 3, column 'Pb' \(sample 'B'\): Pb = -4 mg/kg",
        ),
        (
            "20,",
            "2000000,",
            InvalidConcentrationError,
            r"line 3.* 2e\+06 mg/kg is more than the whole",
        ),
        (
            "B,",
            ",",
            UnreadableFileError,
            r"line 3, column 'id': found ''; expected a sample id",
        ),
        (
            "B,",
            "A,",
            InvalidSurveyError,
            r"line 2 \(sample 'A'\): sample id 'A' occurs 2 times \(again in .*line 3.*replicates: keep",
        ),
        ("0.31", "x", UnreadableFileError, r"line 3, column '400nm': found 'x'"),
        (
            "0.31",
            "",
            InvalidSpectraError,
            r"line 3 \(sample 'B'\): a spectrum with gaps \(1 of 2 bands empty, first 400 nm",
        ),
        (
            "0.31,0.34",
            "NA,NA",
            InvalidSpectraError,
            r"line 3 \(sample 'B'\): no spectrum",
        ),
        (
            "0.31,0.34",
            "0.3,0.3",
            InvalidSpectraError,
            r"line 3 \(sample 'B'\): a constant spectrum, 0.3",
        ),
        ("0.31", "inf", InvalidSpectraError, r"line 3 \(sample 'B'\)"),
        (
            "0.31,0.34",
            "31,34",
            InvalidSpectraError,
            r"line 3.*run from 31 to 34 in 1 of 2 samples.*say reflectance_percent",
        ),
        ("0.31,0.34", "1.6,1.4", InvalidSpectraError, r"line 3.*look like absorbance"),
        ("B,20", "B,20,1", UnreadableFileError, r"line 3: found 5 of the 4 cells"),
        ("B,20", "B", UnreadableFileError, r"line 3: found 3 of the 4 cells"),
        (
            "Pb",
            "Zn",
            UnreadableFileError,
            r"no column 'Pb'; expected one of 'id', 'Zn'",
        ),
        ("Pb", "PB", UnreadableFileError, r"no column 'Pb'; did you mean 'PB'\?"),
        (
            "nm",
            "",
            UnreadableFileError,
            r"'400' to '410' do not say whether they are nm or cm-1",
        ),
        (
            "400nm,410nm",
            "a,b",
            UnreadableFileError,
            r"no wavelength columns among 4 columns",
        ),
        (PLAIN, "", UnreadableFileError, r"the file is empty"),
        (
            PLAIN,
            "id,Pb,400nm,410nm\n",
            UnreadableFileError,
            r"no rows below the header",
        ),
        ("12.5", '"12.5', UnreadableFileError, r"line \d"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(write, old, new, error, message):
    with pytest.raises(error, match=message):
        read(write(PLAIN.replace(old, new)))


def test_lines_are_counted_as_an_editor_does(write):
    text = 'sep=,\n\nid,remark,Pb,400nm,410nm\n\nA,"two\nlines",1,0.1,0.2\nB,,bad,0.1,0.2\n'
    with pytest.raises(UnreadableFileError, match="line 7, column 'Pb'"):
        read(write(text))
    with pytest.raises(UnreadableFileError, match="line 5, column 'Pb'"):
        read(write(text.replace("1,0.1", "x,0.1", 1)))


def test_a_missing_file_and_a_wrong_name_are_one_message(tmp_path, write):
    with pytest.raises(UnreadableFileError, match=r"nowhere.csv: no such file"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableFileError, match=r"named .csv but holds an XLSX"):
        read(write("PK\x03\x04rest"))
    with pytest.raises(UnreadableFileError, match="no XLSX workbook"):
        read(write("id,Pb", name="lab.xlsx"))
    with pytest.raises(UnreadableFileError, match="no Parquet table"):
        read(write("id,Pb", name="lab.parquet"))


def test_a_wrong_delimiter_is_refused(write):
    with pytest.raises(
        UnreadableFileError, match=r"one column only, .* with semicolon"
    ):
        read(write(PLAIN), delimiter=";")
    with pytest.raises(UnreadableFileError, match="one column only"):
        read(write(PLAIN.replace(",", "|")))
    assert read(write(PLAIN.replace(",", "|")), delimiter="|").n_samples == 2


def test_both_decimal_marks_are_refused(write):
    text = PLAIN.replace(",", ";").replace("0.31", "0,31")
    with pytest.raises(
        UnreadableFileError, match=r"side by side \('0.21' in .* '0,31' in"
    ):
        read(write(text))


def test_a_decimal_comma_in_the_responses_alone_is_found(write):
    text = "id;Pb;400nm;410nm\nA;12,5;1;0\nB;<0,5;0;1\n"
    survey = read(write(text))
    assert survey.y.tolist() == [[12.5], [0.5]]


def test_a_point_in_a_file_of_decimal_commas_is_refused(write):
    rows = "".join(f"S{row};1,5;0,11;0,12\n" for row in range(120))
    text = "id;Pb;400nm;410nm\n" + rows
    with pytest.raises(
        UnreadableFileError, match=r"line 122, column '400nm': found '1.234'"
    ):
        read(write(text + "T;1,5;1.234;0,12\n"))
    with pytest.raises(
        UnreadableFileError, match=r"line 122, column 'Pb': found '1.234'"
    ):
        read(write(text + "T;1.234;0,11;0,12\n"))


def test_duplicate_names_are_refused_only_when_needed(write):
    text = "id,Mg,K,Mg,k,Pb,400nm,410nm\nA,1,2,3,4,5,0.1,0.2\n"
    path = write(text)
    assert read(path).samples.columns.tolist() == ["Mg", "K", "Mg (column 4)", "k"]
    with pytest.raises(
        UnreadableFileError, match=r"'Mg' \(column 2\) and 'Mg' \(column 4\)"
    ):
        read(path, responses={"Mg": {"unit": "mg/kg"}})
    with pytest.raises(
        UnreadableFileError, match=r"'K' \(column 3\) and 'k' \(column 5\)"
    ):
        read(path, responses={"K": {"unit": "mg/kg"}})
    survey = read(path, responses={"K": {"column": 5, "unit": "mg/kg"}})
    assert survey.y.tolist() == [[4]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"responses": {"Pb": {"units": "mg/kg"}}}, "response Pb: unknown key 'units'"),
        ({"responses": MG | {"Zn": {"column": "Pb", "unit": "%"}}}, "Pb and Zn are both read from column 'Pb'"),
        ({"quantity": None}, "do not say what they hold"),
        ({"quantity": "transmittance"}, "quantity 'transmittance'; expected one of"),
        ({"spectra": False}, "quantity 'reflectance' for a table read without"),
        ({"spectra": "bands_"}, "no wavelength columns"),
        ({"sample_id": "Pb"}, "cannot be the sample id"),
        ({"group": "Pb"}, "cannot be group"),
        ({"sample_id": 9}, "no column number 9; expected 1 to 4"),
        ({"replicates": "mean"}, "replicates='mean'; expected"),
    ],
)  # fmt: skip
def test_requests_that_cannot_be_met_are_refused(write, options, message):
    with pytest.raises((UnreadableFileError, InvalidSurveyError), match=message):
        read(write(PLAIN), **options)


def test_the_names_of_the_bands_can_say_the_quantity(write):
    text = "id,scan_mir.600_abs,scan_mir.602_abs\nA,1.2,1.4\n"
    survey = read(write(text), responses={}, quantity=None)
    assert survey.spectra.quantity == "absorbance"
    assert survey.spectra.original_unit == "cm-1"
    with pytest.raises(
        UnreadableFileError, match=r"reflectance asked for, but .* says absorbance"
    ):
        read(write(text), responses={})


def test_percent_becomes_fraction_and_is_said(write):
    text = "id,Pb,400nm,410nm\nA,1,21,23\n"
    survey = read(write(text), quantity="reflectance_percent")
    assert_allclose(survey.spectra.values, [[0.21, 0.23]])
    assert "reflectance divided by 100: percent to fraction" in survey.notes
    with pytest.raises(InvalidSpectraError, match="look like fractions"):
        read(write(PLAIN), quantity="reflectance_percent")


def test_samples_without_a_column_of_ids_are_called_by_their_lines(write):
    survey = read(write(PLAIN), sample_id=None)
    assert survey.samples.index.tolist() == ["line 2", "line 3"]
    assert any("called by their lines" in note for note in survey.notes)


def test_groups_coordinates_and_other_columns_are_kept(write):
    text = (
        "id,site,x,y,depth,lab no,empty,Pb,400nm,410nm\n"
        "A,7,500100.5,5700200,10,007,,1,0.1,0.2\nB,8,500200,5700300,20,008,,1,0.1,0.2\n"
    )
    survey = read(
        write(text), group="site", easting="x", northing="y", crs="EPSG:32632"
    )
    assert survey.groups.tolist() == ["7", "8"]
    assert survey.samples["easting"].tolist() == [500100.5, 500200]
    assert survey.samples["depth"].tolist() == [10, 20]
    assert survey.samples["lab no"].tolist() == ["007", "008"]
    assert survey.crs == "EPSG:32632"


def test_columns_with_the_words_of_a_survey_are_taken_and_said(write):
    text = (
        "sample_id,group,specimen,Pb,400nm,410nm\nA1,g,A,1,0.1,0.2\nA2,g,A,1,0.1,0.3\n"
    )
    survey = read(write(text), sample_id=None)
    assert survey.samples.index.tolist() == ["A1", "A2"]
    assert survey.specimens.tolist() == [0, 0]
    assert survey.groups.tolist() == ["g", "g"]
    assert "column 'group' read as group" in survey.notes


def test_degrees_and_half_a_coordinate_are_refused(write):
    text = "id,lon,lat,Pb,400nm,410nm\nA,10.5,51.7,1,0.1,0.2\n"
    with pytest.raises(InvalidSurveyError, match="look like degrees"):
        read(write(text), easting="lon", northing="lat")
    with pytest.raises(InvalidSurveyError, match="only one of easting and northing"):
        read(write(text), easting="lon")


REPLICATES = (
    "id,site,scan,Pb,Zn,400nm,410nm\n"
    "A,s,1,10,,0.10,0.20\nB,s,1,20,5,0.50,0.60\nA,s,2,10,<3,0.30,0.20\n"
)
BOTH = MG | {"Zn": {"unit": "mg/kg"}}


def test_replicates_can_be_kept_as_scans_of_one_specimen(write):
    survey = read(write(REPLICATES), replicates="keep", responses=BOTH)
    assert survey.samples.index.tolist() == ["A#1", "B", "A#2"]
    assert survey.samples["specimen"].tolist() == ["A", "B", "A"]
    assert survey.specimens.tolist() == [0, 1, 0]
    assert "2 rows of 1 specimens kept as ID#1, ID#2 ..." in survey.notes


def test_a_column_of_specimens_is_not_overwritten(write):
    text = "id,block,Pb,400nm,410nm\nA,X,1,0.1,0.2\nA,X,1,0.1,0.3\nB,X,1,0.2,0.3\n"
    survey = read(write(text), specimen="block", replicates="keep")
    assert survey.samples.index.tolist() == ["A#1", "A#2", "B"]
    assert survey.specimens.tolist() == [0, 0, 0]


def test_replicates_can_be_averaged(write):
    survey = read(write(REPLICATES), replicates="average", responses=BOTH, group="site")
    assert survey.samples.index.tolist() == ["A", "B"]
    assert_allclose(survey.spectra.values, [[0.2, 0.2], [0.5, 0.6]])
    assert survey.y.tolist() == [[10, 3], [20, 5]]
    assert survey.is_censored.tolist() == [[False, True], [False, False]]
    assert survey.samples.columns.tolist() == ["group"]
    assert "3 rows averaged to 2 samples, spectra as in the file" in survey.notes
    assert any("replicates differ in them: scan" in note for note in survey.notes)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "2,10,<3",
            "2,11,<3",
            r"line 4 \(sample 'A'\): Pb = 11, but 10 in another row",
        ),
        ("1,10,,", "1,10,3,", r"line 4 \(sample 'A'\): Zn = 3, but 3 in another row"),
        ("A,s,2", "A,t,2", r"line 2 \(sample 'A'\): rows .* differ in 'group'"),
    ],
)
def test_replicates_that_disagree_are_refused(write, old, new, message):
    path = write(REPLICATES.replace(old, new))
    with pytest.raises(InvalidSurveyError, match=message):
        read(path, replicates="average", responses=BOTH, group="site")


def test_an_empty_band_is_refused(write):
    text = "id,Pb,400nm,410nm,420nm\nA,1,0.1,,0.2\nB,1,0.1,,0.2\n"
    with pytest.raises(InvalidSpectraError, match="the band 410 nm is empty in every"):
        read(write(text))


def test_a_table_without_spectra_is_read(write):
    text = "id,Pb,note\nA,1.5,first\nB,<1,\n"
    survey = read(write(text), spectra=False, quantity=None)
    assert survey.spectra is None
    assert survey.y.tolist() == [[1.5], [1]]
    assert survey.samples.loc["A", "note"] == "first"


def test_a_table_without_responses_is_read(write):
    survey = read(write(PLAIN), responses=None)
    assert survey.y.shape == (2, 0)
    assert survey.samples["Pb"].tolist() == [12.5, 20]
