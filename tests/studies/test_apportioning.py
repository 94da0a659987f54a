"""Apportionments from tables to a folder: planted sources, mistakes, interruptions."""

import json
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cerussite.apportionment import (
    Draws,
    FitSettings,
    displacement,
    positive_matrix_factorisation,
)
from cerussite.core.errors import CerussiteError, InvalidStudyError
from cerussite.studies import apportioning, apportionment_errors
from cerussite.studies.apportioning import apportion, numbers_to_try
from cerussite.studies.apportionment_errors import (
    batch_sizes,
    joined_displacements,
    joined_resamples,
)
from cerussite.studies.apportionment_parts import pack, unpack
from cerussite.studies.apportionment_plan import Constraint
from cerussite.studies.apportionment_reading import (
    SHIPPED,
    checked,
    find_apportionment,
    read_apportionment,
)
from cerussite.studies.receptor_input import read_receptor_input
from cerussite.studies.receptor_limits import read_limits
from cerussite.studies.receptor_tables import Columns, read_numbers, split_unit
from cerussite.studies.sample_places import read_dates

SPECIES = ["Ni", "Cu", "Cr", "Mn", "Zn", "Al"]
PROFILES = np.array(
    [[40.0, 30.0, 0.0, 1.0, 5.0, 0.0], [0.0, 2.0, 25.0, 60.0, 8.0, 90.0]]
)


def planted(n_samples=40, *, is_fixed=True):
    """Concentrations, uncertainties and true mean contributions to each species."""
    rng = np.random.default_rng(0)
    contributions = rng.lognormal(0, 0.8, (n_samples, 2))
    if is_fixed:
        # Samples that lack a source say which rotation of the factors is right.
        contributions[::5, 0] = contributions[2::5, 1] = 0.0
    clean = contributions @ PROFILES
    errors = 0.05 * clean + 0.02 * clean.mean(axis=0)
    values = np.maximum(clean + errors * rng.normal(size=clean.shape), 0.01)
    return values, errors, PROFILES * contributions.mean(axis=0)[:, None]


@pytest.fixture
def tables(tmp_path):
    values, errors, _ = planted()
    days = pd.date_range("2020-01-01", periods=len(values)).strftime("%Y-%m-%d")
    for name, numbers in (("conc", values), ("unc", errors)):
        table = pd.DataFrame(numbers.round(6), columns=SPECIES)
        table.insert(0, "Date", days)
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


def write_free(folder, n_samples):
    """Tables of samples none of which lacks a source."""
    values, errors, _ = planted(n_samples, is_fixed=False)
    for name, numbers in (("conc", values), ("unc", errors)):
        table = pd.DataFrame(numbers, columns=SPECIES)
        table.insert(0, "id", [f"s{at}" for at in range(n_samples)])
        table.to_csv(folder / f"{name}.csv", index=False)


def plan_of(folder, *, data=None, **settings):
    given = {
        "kind": "apportionment",
        "factors": 2,
        "starts": 2,
        "errors": "none",
        "data": {
            "concentrations": folder / "conc.csv",
            "uncertainties": folder / "unc.csv",
        },
    }
    return checked(
        {**given, **settings, "data": given["data"] if data is None else data}
    )


def read(folder, name):
    return pd.read_csv(folder / f"{name}.csv")


def profiles_of(folder):
    table = read(folder, "profiles").pivot_table(
        index="factor", columns="species", values="concentration"
    )
    return table[SPECIES].to_numpy()


def rewrite(path, change):
    table = pd.read_csv(path)
    change(table).to_csv(path, index=False)


def test_planted_sources_are_found_and_all_files_written(tables):
    out = tables / "out"
    warnings = apportion(plan_of(tables, errors="quick", resamples=6), out, jobs=1)
    found, (_, _, truth) = profiles_of(out), planted()
    order = np.argsort(-found[:, 0])
    shares = [each / each.sum(axis=0) for each in (found[order], truth)]
    np.testing.assert_allclose(*shares, atol=0.05)
    assert not any("rotation" in text for text in warnings)
    names = {path.name for path in out.iterdir()}
    assert {
        *("profiles.csv", "contributions.csv", "explained_variation.csv"),
        *("errors.csv", "diagnostics.json", "manifest.json", "data_dictionary.csv"),
    } <= names
    assert any("neighbours" in text for text in warnings)
    explained = read(out, "explained_variation").groupby("species")
    np.testing.assert_allclose(explained["explained_variation"].sum(), 1, rtol=1e-5)
    errors = read(out, "errors")
    assert set(errors["method"]) == {"DISP", "BS", "combined"}
    assert (errors["lower"] <= errors["upper"]).all()
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["warnings"] == warnings
    assert len(manifest["files"]) == 2
    assert all(len(each["sha256"]) == 64 for each in manifest["files"])
    assert str(tables) not in (out / "manifest.json").read_text()
    documented = " ".join(read(out, "data_dictionary")["column"])
    assert all(name in documented for name in errors.columns)


def test_a_second_run_takes_kept_pieces_and_gives_the_same(tables):
    plan, out = plan_of(tables, errors="quick", resamples=4), tables / "out"
    apportion(plan, out, jobs=1)
    first = {path.name: path.read_text() for path in out.glob("*.csv")}
    apportion(plan, out, jobs=1)
    assert {path.name: path.read_text() for path in out.glob("*.csv")} == first
    manifest = json.loads((out / "manifest.json").read_text())
    # Factorisations of two seeds, six species displaced, one batch of resamples.
    assert manifest["n_parts_kept"] == 9


def test_an_interrupted_run_leaves_no_results_and_goes_on(tables, monkeypatch):
    plan, out = plan_of(tables, errors="quick", resamples=4), tables / "out"

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(apportionment_errors, "bootstrap", interrupt)
        with pytest.raises(KeyboardInterrupt):
            apportion(plan, out, jobs=1)
    assert [path.name for path in out.iterdir()] == ["cache"]
    apportion(plan, out, jobs=1)
    assert json.loads((out / "manifest.json").read_text())["n_parts_kept"] == 8


def test_results_stay_as_they_were_when_the_report_fails(tables):
    out = tables / "out"
    apportion(plan_of(tables), out, jobs=1)
    before = (out / "profiles.csv").read_text()

    def fail(_):
        raise OSError(28, "no space left")

    with pytest.raises(OSError, match="no space"):
        apportion(plan_of(tables, factors=1), out, jobs=1, finish=fail)
    assert (out / "profiles.csv").read_text() == before
    assert (out / "manifest.json").is_file()


def test_tables_of_an_earlier_request_do_not_stay(tables):
    out = tables / "out"
    apportion(plan_of(tables, errors="quick", resamples=2), out, jobs=1)
    apportion(plan_of(tables), out, jobs=1)
    assert not (out / "swaps.csv").exists()
    assert not (out / "errors.csv").exists()


def test_folders_with_other_files_are_refused(tables):
    with pytest.raises(InvalidStudyError, match="no apportionment has written"):
        apportion(plan_of(tables), tables, jobs=1)
    out = tables / "out"
    apportion(plan_of(tables), out, jobs=1)
    (out / "notes.txt").write_text("mine")
    with pytest.raises(InvalidStudyError, match=r"notes\.txt beside"):
        apportion(plan_of(tables), out, jobs=1)
    with pytest.raises(InvalidStudyError, match="is a file"):
        apportion(plan_of(tables), tables / "conc.csv", jobs=1)


def test_rows_and_columns_of_uncertainties_may_stand_in_another_order(tables):
    plain = read_receptor_input(plan_of(tables))
    rewrite(tables / "unc.csv", lambda t: t[["Date", *SPECIES[::-1]]][::-1])
    turned = read_receptor_input(plan_of(tables))
    np.testing.assert_array_equal(plain.data.uncertainties, turned.data.uncertainties)
    assert any("another order" in note for note in turned.notes)


def test_a_species_in_another_unit_gives_the_same_shares(tables):
    apportion(plan_of(tables), tables / "mg", jobs=1)
    for name in ("conc", "unc"):
        rewrite(tables / f"{name}.csv", lambda t: t.assign(Ni=t["Ni"] * 1000))
    apportion(plan_of(tables), tables / "ug", jobs=1)
    shares = [
        read(tables / name, "profiles")["percent_of_species"] for name in ("mg", "ug")
    ]
    np.testing.assert_allclose(*shares, atol=1e-3)


def test_factors_that_can_be_turned_at_no_cost_are_told(tables):
    write_free(tables, 60)
    warnings = apportion(plan_of(tables), tables / "out", jobs=1)
    about = json.loads((tables / "out" / "diagnostics.json").read_text())["other_seed"]
    assert abs(about["d_loss"]) < 0.01
    assert about["largest_share_difference"] > 2
    assert any("do not fix the rotation" in text for text in warnings)


def test_the_better_of_two_seeds_keeps_the_starts_of_both(tables):
    data = read_receptor_input(plan_of(tables)).data
    first, second = (
        positive_matrix_factorisation(data, n, settings=FitSettings(2)) for n in (1, 2)
    )
    joined = apportioning._joined(second, first)
    assert joined.runs["start"].tolist() == [0, 1, 2, 3]
    assert joined.runs["reaches_best"].tolist()[:2] == [False, False]
    assert joined.best["loss"] == second.best["loss"]
    np.testing.assert_array_equal(joined.profiles, second.profiles)


def test_a_workbook_of_epa_pmf_is_read_as_two_tables_are(tables):
    concentrations = pd.read_csv(tables / "conc.csv")
    concentrations.loc[3, "Ni"] = -999
    with pd.ExcelWriter(tables / "both.xlsx") as book:
        concentrations.to_excel(book, sheet_name="Conc", index=False)
        pd.read_csv(tables / "unc.csv").to_excel(book, sheet_name="Unc", index=False)
    book_data = {"concentrations": tables / "both.xlsx", "sheets": ["Conc", "Unc"]}
    found = read_receptor_input(plan_of(tables, data=book_data)).data
    expected = read_receptor_input(plan_of(tables)).data
    assert np.isnan(found.concentrations[3, 0])
    np.testing.assert_allclose(found.concentrations[4:], expected.concentrations[4:])
    np.testing.assert_allclose(found.uncertainties, expected.uncertainties)


def test_uncertainties_by_the_rule_of_epa_pmf(tables):
    table = pd.read_csv(tables / "conc.csv", dtype={"Ni": "str"})
    table.loc[0, "Ni"], table.loc[1, "Ni"] = "<6", "40"
    table.to_csv(tables / "conc.csv", index=False)
    pd.DataFrame([dict.fromkeys(SPECIES, 6.0), dict.fromkeys(SPECIES, 10.0)]).to_csv(
        tables / "limits.csv", index=False
    )
    data = {
        "concentrations": tables / "conc.csv",
        "detection_limits": tables / "limits.csv",
    }
    found = read_receptor_input(plan_of(tables, data=data))
    # Below the limit 5/6 of it, and half of it as value; above, hypot(4, 3).
    assert found.data.concentrations[0, 0] == 3.0
    np.testing.assert_allclose(found.data.uncertainties[:2, 0], [5.0, 5.0])
    assert found.species.loc[0, "n_below_limit"] == 1


def test_limits_are_read_from_a_long_table_too(tmp_path):
    path = tmp_path / "limits.csv"
    path.write_text("species,detection_limit,error_fraction\nNi,0.5,0.1\nCu,2,0.2\n")
    assert read_limits(path) == ({"Ni": 0.5, "Cu": 2.0}, {"Ni": 0.1, "Cu": 0.2})


def test_error_fractions_come_from_duplicates(tables):
    rng = np.random.default_rng(0)
    first = rng.lognormal(3, 0.5, (200, 6))
    second = first * (1 + 0.1 * np.sqrt(2) * rng.normal(size=first.shape))
    pairs = np.hstack([first, second])
    heads = [f"A_{name}" for name in SPECIES] + [f"B_{name}" for name in SPECIES]
    table = pd.DataFrame(pairs, columns=heads)
    table.insert(0, "pair", [f"p{at}" for at in range(200)])
    table.to_csv(tables / "pairs.csv", index=False)
    data = {
        "concentrations": tables / "conc.csv",
        "duplicates": {"file": tables / "pairs.csv", "first": "A_", "second": "B_"},
        "detection_limits": dict.fromkeys(SPECIES, 1e-6),
    }
    found = read_receptor_input(plan_of(tables, data=data)).data
    relative = found.uncertainties / found.concentrations
    # Ten percent were planted; the median over 200 pairs misses it by a tenth.
    np.testing.assert_allclose(np.median(relative, axis=0), 0.1, rtol=0.3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.assign(Ni=-t["Ni"]), "uncertainties are negative"),
        (lambda t: t.assign(Ni=0.0), "uncertainties are zero"),
        (lambda t: t.iloc[5:], "5 samples of the concentrations are missing"),
        (lambda t: t.assign(Ni=t["Ni"] * 1000), "Ni: the median uncertainty"),
        (lambda t: t.drop(columns="Cu"), "no column 'Cu'"),
        (lambda t: t.rename(columns={"Cu": "Cu (ug/kg)"}), None),
        (lambda t: t.assign(Ni="high"), "found 'high'"),
        (lambda t: pd.concat([t, t[:1]]), "expected each once"),
    ],
)
def test_wrong_uncertainties_are_refused_by_name(tables, change, message):
    rewrite(tables / "unc.csv", change)
    if message is None:
        rewrite(tables / "conc.csv", lambda t: t.rename(columns={"Cu": "Cu (mg/kg)"}))
        message = "Cu is in mg/kg in .* and in ug/kg"
    with pytest.raises(CerussiteError, match=message):
        read_receptor_input(plan_of(tables))


def test_more_factors_than_species_are_refused_before_anything_is_written(tables):
    with pytest.raises(
        InvalidStudyError, match="7 factors for 40 samples of 6 species"
    ):
        apportion(plan_of(tables, factors=7), tables / "out", jobs=1)
    assert not (tables / "out").exists()


def test_auto_tries_all_numbers_that_can_be_fitted(tables):
    data = read_receptor_input(plan_of(tables)).data
    assert numbers_to_try(plan_of(tables, factors="auto"), data) == [1, 2, 3, 4, 5]


def test_the_number_is_suggested_by_held_out_cells(tables, monkeypatch):
    monkeypatch.setattr(apportioning, "N_FOLDS", 4)
    monkeypatch.setattr(apportioning, "SEARCH", FitSettings(1, max_iterations=50))
    write_free(tables, 40)
    out = tables / "out"
    apportion(plan_of(tables, factors=[1, 2, 3]), out, jobs=1)
    about = json.loads((out / "diagnostics.json").read_text())["number_of_factors"]
    assert about["suggested"] == 2
    assert read(out, "number_of_factors")["n_factors"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"factor": 3}, "unknown key 'factor'; did you mean 'factors'"),
        ({"factors": "many"}, "factors: found 'many'"),
        (
            {"errors": "some"},
            "errors: found 'some'; expected 'none', 'quick' or 'full'",
        ),
        ({"starts": 0}, "starts: found 0"),
        ({"blocks": {"days": 3, "column": "x"}}, "blocks: expected one of"),
        (
            {"constraints": [{"factor": 1, "zero": ["Ni"], "relative_error": 0.1}]},
            r"constraints\[0\]: expected relative_error beside profile",
        ),
        (
            {"origin": {"markers": {"a": ["Ni"]}, "anthropogenic": ["b"]}},
            "origin: anthropogenic classes",
        ),
        ({"data": {"concentrations": "x.csv"}}, "data: uncertainties: not found"),
        (
            {"data": {"concentrations": "x", "uncertainties": "y", "sheet": "z"}},
            "data.sheet: unknown key 'sheet'; did you mean 'sheets'",
        ),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_by_key(tmp_path, settings, message):
    with pytest.raises(InvalidStudyError, match=message):
        plan_of(tmp_path, **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"displaced_species": ["Pb"]}, "displaced_species: 'Pb' is no species"),
        ({"constraints": [{"factor": 1, "zero": ["Pb"]}]}, "constraints: 'Pb'"),
        (
            {"origin": {"markers": {"a": ["Pb"]}, "anthropogenic": ["a"]}},
            "origin.markers: 'Pb'",
        ),
    ],
)
def test_names_that_are_no_species_are_refused_first(tables, settings, message):
    with pytest.raises(InvalidStudyError, match=message):
        apportion(plan_of(tables, **settings), tables / "out", jobs=1)
    assert not (tables / "out").exists()


def test_constraints_are_heeded_and_their_cost_is_written(tables):
    out = tables / "out"
    wishes = [
        {"factor": 1, "zero": ["Cu"]},
        {
            "factor": 2,
            "ratio": {"of": "Ni", "to": "Cu", "value": 2.0},
            "relative_error": 0.001,
        },
    ]
    apportion(plan_of(tables, constraints=wishes, f_peak=[0.5]), out, jobs=1)
    found = read(out, "constrained_profiles").set_index(["factor", "species"])
    values = found["concentration"]
    assert values["factor 1", "Cu"] == 0
    ratio = values["factor 2", "Ni"] / values["factor 2", "Cu"]
    assert ratio == pytest.approx(2.0, rel=0.02)
    cost = read(out, "constraints")
    assert cost["solution"].tolist() == ["constraints", "constraints", "F-peak 0.5"]
    assert (cost["d_q"] > 0).all()


def test_a_constraint_says_itself_in_words():
    zero = Constraint(factor=1, zero=["Ni", "Cu"])
    assert zero.in_words() == "factor 1 has no Ni, Cu"
    known = Constraint(factor=2, profile={"Na": 10.0, "Cl": 18.0}, relative_error=0.1)
    assert known.in_words() == "factor 2 has Na 10 : Cl 18 ± 10 %"


def test_verdicts_rest_on_markers_and_background(tables):
    values, _, _ = planted()
    # The first source is new: the background holds the second alone.
    alone = values[:, [5]] * PROFILES[1] / PROFILES[1, 5]
    background = pd.DataFrame(np.maximum(alone, 0.5), columns=SPECIES)
    days = pd.read_csv(tables / "conc.csv")["Date"]
    background.insert(0, "site", days)
    background.to_csv(tables / "deep.csv", index=False)
    origin = {
        "markers": {"smelter": ["Ni", "Cu"], "rock": ["Al", "Cr"]},
        "anthropogenic": ["smelter"],
        "metals": ["Ni", "Cr"],
        "background": {
            "file": tables / "deep.csv",
            "sample_id": "site",
            "reference": "Al",
        },
    }
    out = tables / "out"
    plan = plan_of(tables, errors="quick", resamples=10, origin=origin)
    apportion(plan, out, jobs=1)
    found = read(out, "verdicts").set_index("metal")["verdict"]
    assert found.to_dict() == {"Ni": "anthropogenic", "Cr": "geogenic"}
    classes = read(out, "classes").set_index("class")["factor"]
    assert set(classes.index) == {"smelter", "rock"}
    # Without resamples receptor models decide nothing, and one kind is too few.
    apportion(plan_of(tables, origin=origin), out, jobs=1)
    assert set(read(out, "verdicts")["verdict"]) == {"withheld"}


def test_gaps_leave_other_methods_the_complete_samples(tables):
    gaps = pd.read_csv(tables / "conc.csv")
    gaps.loc[:3, SPECIES[:5]] = np.nan
    gaps.to_csv(tables / "conc.csv", index=False)
    out = tables / "out"
    warnings = apportion(plan_of(tables), out, jobs=1)
    about = json.loads((out / "diagnostics.json").read_text())
    assert about["n_missing"] == 20
    assert about["second_opinions"]["n_samples"] == 36
    assert any("36 of 40" in text for text in warnings)


def test_pieces_of_displacement_and_bootstrap_join_to_the_whole(tables):
    data = read_receptor_input(plan_of(tables)).data
    fitted = positive_matrix_factorisation(data, 2, settings=FitSettings(2))
    whole = displacement(fitted, levels=[4.0], species=["Ni", "Al"])
    joined = joined_displacements(
        [displacement(fitted, levels=[4.0], species=[name]) for name in ("Ni", "Al")]
    )
    keys = ["factor", "species"]
    pd.testing.assert_frame_equal(
        joined.intervals.sort_values(keys, ignore_index=True),
        whole.intervals.sort_values(keys, ignore_index=True),
    )
    pd.testing.assert_frame_equal(joined.swaps, whole.swaps, check_dtype=False)
    pieces = [
        apportionment_errors.bootstrap(
            fitted, draws=Draws(3, random_state=seed), settings=FitSettings(1)
        )
        for seed in (0, 1)
    ]
    both = joined_resamples(pieces)
    assert both.profiles.shape == (6, 2, 6)
    assert both.mapping.to_numpy().sum() == 12


@pytest.mark.parametrize("n_resamples", [2, 24, 25, 26, 51, 100])
def test_batches_add_up(n_resamples):
    sizes = batch_sizes(n_resamples)
    assert sum(sizes) == n_resamples
    assert min(sizes) >= 2
    assert all(first >= later for first, later in pairwise(sizes))


def test_what_is_kept_comes_back_to_the_last_digit():
    table = pd.DataFrame({"a": [0.1, np.nan], "b": ["x", "y"], "c": [True, False]})
    value = {"t": table, "n": np.array([[1 / 3, np.nan]]), "s": (1, 2.5)}
    back = unpack(json.loads(json.dumps(pack(value))))
    pd.testing.assert_frame_equal(back["t"], table)
    np.testing.assert_array_equal(back["n"], value["n"])
    assert back["s"] == (1, 2.5)


def test_dates_are_understood_or_refused():
    assert read_dates(["12/14/2000 3:00", "1/2/2001 15:30"])[1].month == 1
    assert read_dates(["14/12/2000", "1/2/2001"])[1].month == 2
    assert read_dates(["2020-02-03"])[0].month == 2
    with pytest.raises(CerussiteError, match="day or month first; say their format"):
        read_dates(["1/2/2001", "3/4/2001"])
    with pytest.raises(CerussiteError, match="no known format"):
        read_dates(["spring", "1/2/2001"])
    assert read_dates(["1/2/2001"], "%d/%m/%Y")[0].month == 2


def test_samples_are_drawn_in_blocks_of_time(tables):
    found = read_receptor_input(plan_of(tables, blocks={"days": 7}))
    assert found.samples["block"].tolist()[:8] == [0] * 7 + [1]
    with pytest.raises(CerussiteError, match="kilometres need longitude and latitude"):
        read_receptor_input(plan_of(tables, blocks={"kilometres": 7}))


def test_units_stand_apart_from_names(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,Ni (mg/kg),Cr(VI) [ug/L]\na,1,2\nb,<LOD,4\n")
    found = read_numbers(path, Columns(limits={"Ni": 0.5}))
    assert found.units == {"Ni": "mg/kg", "Cr(VI)": "ug/L"}
    assert found.is_censored.tolist() == [[False, False], [True, False]]
    assert np.asarray(found.values)[1, 0] == 0.5
    assert split_unit("OM") == ("OM", "")


def test_proportional_species_are_pointed_out(tables):
    for name in ("conc", "unc"):
        rewrite(tables / f"{name}.csv", lambda t: t.assign(NiO=1.27 * t["Ni"]))
    found = read_receptor_input(plan_of(tables))
    assert "Ni and NiO are proportional: one measurement seems to be counted twice" in (
        found.warnings
    )


def test_a_study_file_names_its_tables_from_where_it_lies(tables):
    (tables / "study.yaml").write_text(
        "kind: apportionment\nfactors: 2\n"
        "data: {concentrations: conc.csv, uncertainties: unc.csv}\n"
    )
    (tables / "other.yaml").write_text("name: other\n")
    path = find_apportionment(tables / "study.yaml")
    assert read_apportionment(path).data.concentrations == tables / "conc.csv"
    assert find_apportionment(tables / "other.yaml") is None
    assert find_apportionment("demo") is None


def test_every_shipped_apportionment_is_valid(monkeypatch, tmp_path):
    monkeypatch.setenv("CERUSSITE_DATA", str(tmp_path))
    names = [path.stem for path in sorted(SHIPPED.glob("*.yaml"))]
    assert names == ["baltimore"]
    for name in names:
        assert read_apportionment(find_apportionment(name)).name == name


def geochemistry(name):
    folder = os.environ.get("CERUSSITE_DATA")
    if not folder:
        pytest.skip("CERUSSITE_DATA is not set to the folder of public data")
    path = Path(folder) / "geochem" / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def test_the_shipped_study_of_baltimore_reads_its_data():
    geochemistry("pmf_esat")
    found = read_receptor_input(read_apportionment(find_apportionment("baltimore")))
    # 657 lines, of which 27 are empty, as the program that ships them counts them.
    assert found.data.concentrations.shape[0] == 630
    assert found.samples["date"].iloc[0] == "2000-12-14"


@pytest.mark.slow
def test_kola_has_a_smelter_factor_where_the_smelter_is(tmp_path):
    path = geochemistry("kola") / "kola_ohorizon.csv"
    species = ["Al", "Ca", "Co", "Cr", "Cu", "Fe", "K", "Mg", "Na", "Ni", "Sr", "V"]
    table = pd.read_csv(path)
    data = {
        "concentrations": path,
        "sample_id": "ID",
        "species": species,
        "easting": "XCOO",
        "northing": "YCOO",
        "error_fraction": 0.15,
        "detection_limits": {name: float(2 * table[name].min()) for name in species},
    }
    plan = plan_of(tmp_path, data=data, factors=4, starts=4, robust=True)
    apportion(plan, tmp_path / "out", jobs=1)
    shares = read(tmp_path / "out", "profiles").pivot_table(
        index="species", columns="factor", values="percent_of_species"
    )
    smelter = shares.loc["Ni"].idxmax()
    assert shares.loc["Ni", smelter] > 80
    assert shares.loc["Cu", smelter] > 60
    contributions = read(tmp_path / "out", "contributions")
    own = contributions[contributions["factor"] == smelter]
    places = read(tmp_path / "out", "samples").merge(own, on="sample_id")
    top = places.nlargest(15, "contribution")[["easting", "northing"]].median() / 1000
    # Monchegorsk lies at 67.9 N, 32.9 E: about 746 km E and 7545 km N in zone 35N.
    assert 680 < top["easting"] < 810
    assert 7480 < top["northing"] < 7620
